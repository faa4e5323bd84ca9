"""Attribute values: the text that Jaeger compares, restored without loss."""

from __future__ import annotations

import math
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.common.v1.common_pb2 import (
    AnyValue,
    ArrayValue,
    KeyValue,
    KeyValueList,
)

from tracing_starter_kit.viewer.model.attributes import decode, encode, to_otlp_json
from tracing_starter_kit.viewer.store.rows.attribute_cache import attribute_cache

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
INT64 = st.integers(-(2**63), 2**63 - 1)


def array(values: list[AnyValue]) -> AnyValue:
    return AnyValue(array_value=ArrayValue(values=values))


def mapping(values: dict[str, AnyValue]) -> AnyValue:
    pairs = [KeyValue(key=key, value=value) for key, value in values.items()]
    return AnyValue(kvlist_value=KeyValueList(values=pairs))


PLAIN_VALUES = st.one_of(
    st.just(AnyValue()),
    TEXT.map(lambda x: AnyValue(string_value=x)),
    st.booleans().map(lambda x: AnyValue(bool_value=x)),
    INT64.map(lambda x: AnyValue(int_value=x)),
    st.floats(allow_nan=False).map(lambda x: AnyValue(double_value=x)),
    st.binary().map(lambda x: AnyValue(bytes_value=x)),
)
VALUES = st.recursive(
    PLAIN_VALUES,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(array),
        st.dictionaries(TEXT, inner, max_size=4).map(mapping),
    ),
    max_leaves=12,
)


@given(VALUES)
def test_every_value_is_restored_as_otlp_json(value: AnyValue) -> None:
    restored = ParseDict(to_otlp_json(*encode(value)), AnyValue())

    assert restored == value


@given(VALUES)
def test_letter_and_text_restore_every_value(value: AnyValue) -> None:
    restored = decode(*encode(value))

    assert restored == as_python(value)


def as_python(value: AnyValue) -> Any:
    match value.WhichOneof("value"):
        case "array_value":
            return [as_python(item) for item in value.array_value.values]
        case "kvlist_value":
            pairs = value.kvlist_value.values
            return {pair.key: as_python(pair.value) for pair in pairs}
        case None:
            return None
        case kind:
            return getattr(value, kind)


@given(TEXT, VALUES)
def test_an_attribute_decoded_from_its_bytes_is_the_same(
    key: str, value: AnyValue
) -> None:
    raw = KeyValue(key=key, value=value).SerializeToString()

    assert attribute_cache[raw] == (key, *encode(value))


@given(st.binary(max_size=40))
def test_bytes_are_decoded_as_protobuf_decodes_them(raw: bytes) -> None:
    try:
        pair = KeyValue.FromString(raw)
    except DecodeError:
        return  # the receiver refuses such bytes

    assert attribute_cache[raw] == (pair.key, *encode(pair.value))


@pytest.mark.parametrize(
    ("value", "letter", "text"),
    [
        (AnyValue(string_value="a\0b"), "s", "a\0b"),
        (AnyValue(bool_value=True), "b", "true"),
        (AnyValue(int_value=-42), "i", "-42"),
        (AnyValue(double_value=1.0), "d", "1"),
        (AnyValue(double_value=1.5), "d", "1.5"),
        (AnyValue(double_value=1e20), "d", "100000000000000000000"),
        (AnyValue(double_value=1e21), "d", "1e+21"),
        (AnyValue(double_value=0.00001), "d", "0.00001"),
        (AnyValue(double_value=1.5e-7), "d", "1.5e-7"),
        (AnyValue(double_value=-0.0), "d", "-0"),
        (AnyValue(double_value=math.inf), "d", "Infinity"),
        (AnyValue(double_value=-math.inf), "d", "-Infinity"),
        (AnyValue(double_value=math.nan), "d", "NaN"),
        (AnyValue(bytes_value=b"\xff\x00"), "y", "/wA="),
        (AnyValue(), "n", ""),
        (array([AnyValue(string_value="a"), AnyValue(int_value=1)]), "a", '["a",1]'),
        (mapping({"k": AnyValue(double_value=1.0)}), "m", '{"k":1.0}'),
        (
            array([AnyValue(bytes_value=b"a")]),
            "A",
            '{"arrayValue":{"values":[{"bytesValue":"YQ=="}]}}',
        ),
    ],
)
def test_the_text_of(value: AnyValue, letter: str, text: str) -> None:
    assert encode(value) == (letter, text)


def test_not_a_number_is_restored_alone_and_in_an_array() -> None:
    nan = AnyValue(double_value=math.nan)

    alone, inside = to_otlp_json(*encode(nan)), to_otlp_json(*encode(array([nan])))

    assert alone == MessageToDict(nan)
    assert inside == {"arrayValue": {"values": [{"doubleValue": "NaN"}]}}
