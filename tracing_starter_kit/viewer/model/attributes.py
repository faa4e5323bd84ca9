"""Attribute values as the store holds them: a letter for the type, and a text.

    letter, text = encode(any_value)      # ("i", "42")
    decode(letter, text)                  # 42
    to_otlp_json(letter, text)            # {"intValue": "42"}

Jaeger compares this text in searches; with the letter the same value can be restored.
`store/sql/schema.sql` lists the letters.
"""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue


class NotPlainError(ValueError):
    """Plain JSON cannot express this value."""


def encode(value: AnyValue) -> tuple[str, str]:
    """Return a value's letter and text."""
    return ENCODERS[value.WhichOneof("value")](value)


def decode(letter: str, text: str) -> object:
    """Return a stored value as a Python value: str, int, float, bytes, list, dict."""
    return DECODERS[letter](text)


def to_otlp_json(letter: str, text: str) -> dict[str, Any]:
    """Return a stored value as OTLP/JSON's AnyValue."""
    if letter in "AM":
        any_value: dict[str, Any] = json.loads(text)
        return any_value
    return _python_to_otlp_json(decode(letter, text))


def double_text(number: float) -> str:
    """Write a double as Jaeger does: 1, 0.00001, 1e+21; or NaN, Infinity as in JSON."""
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else f"{'-' * (number < 0)}Infinity"
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return _without_exponent(repr(number)).removesuffix(".0")
    return repr(number).replace("e-0", "e-")


def _without_exponent(text: str) -> str:
    """Expand the exponent that Python writes from 1e16 up and below 1e-4."""
    mantissa, _, exponent = text.partition("e")
    if not exponent:
        return text
    digits = len(mantissa.partition(".")[2])
    return f"{float(text):.{max(0, digits - int(exponent))}f}"


def _encode_nested(value: AnyValue) -> tuple[str, str]:
    letter = "a" if value.HasField("array_value") else "m"
    try:
        return letter, _compact(_plain(value))
    except NotPlainError:
        return letter.upper(), _compact(_otlp_json(value))


def _compact(value: object) -> str:
    """Write JSON without blanks, because Jaeger compares the text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: AnyValue) -> object:
    """Return a value that plain JSON expresses without loss; else NotPlainError."""
    match value.WhichOneof("value"):
        case "array_value":
            return [_plain(item) for item in value.array_value.values]
        case "kvlist_value":
            return _plain_map(value)
        case "bytes_value":
            raise NotPlainError
        case "double_value" if not math.isfinite(value.double_value):
            raise NotPlainError
        case "double_value":  # its text would turn 1.0 into 1
            return value.double_value
        case _:
            return decode(*encode(value))


def _plain_map(value: AnyValue) -> dict[str, object]:
    pairs = value.kvlist_value.values
    values = {pair.key: _plain(pair.value) for pair in pairs}
    if len(values) != len(pairs):  # a key occurs twice
        raise NotPlainError
    return values


def _otlp_json(value: AnyValue) -> dict[str, Any]:
    match value.WhichOneof("value"):
        case "array_value":
            items = [_otlp_json(item) for item in value.array_value.values]
            return {"arrayValue": {"values": items}}
        case "kvlist_value":
            pairs = [
                {"key": pair.key, "value": _otlp_json(pair.value)}
                for pair in value.kvlist_value.values
            ]
            return {"kvlistValue": {"values": pairs}}
        case _:
            return to_otlp_json(*encode(value))


def _python_to_otlp_json(value: object) -> dict[str, Any]:
    if value is None:
        return {}
    kind, convert = TO_OTLP_JSON[type(value)]
    return {kind: convert(value)}


def _pairs_to_otlp_json(pairs: dict[str, object]) -> dict[str, Any]:
    values = [
        {"key": key, "value": _python_to_otlp_json(item)} for key, item in pairs.items()
    ]
    return {"values": values}


def _from_otlp_json(value: dict[str, Any]) -> object:
    for kind, content in value.items():
        return FROM_OTLP_JSON[kind](content)
    return None


ENCODERS: dict[str | None, Callable[[AnyValue], tuple[str, str]]] = {
    "string_value": lambda v: ("s", v.string_value),
    "int_value": lambda v: ("i", str(v.int_value)),
    "bool_value": lambda v: ("b", "true" if v.bool_value else "false"),
    "double_value": lambda v: ("d", double_text(v.double_value)),
    "bytes_value": lambda v: ("y", base64.b64encode(v.bytes_value).decode()),
    "array_value": _encode_nested,
    "kvlist_value": _encode_nested,
    "string_value_strindex": lambda _: ("n", ""),  # used in profiles only
    None: lambda _: ("n", ""),
}

DECODERS: dict[str, Callable[[str], object]] = {
    "s": str,
    "i": int,
    "b": lambda text: text == "true",
    "d": float,
    "y": base64.b64decode,
    "a": json.loads,
    "m": json.loads,
    "A": lambda text: _from_otlp_json(json.loads(text)),
    "M": lambda text: _from_otlp_json(json.loads(text)),
    "n": lambda _: None,
}

TO_OTLP_JSON: dict[type, tuple[str, Callable[[Any], object]]] = {
    str: ("stringValue", str),
    int: ("intValue", str),
    bool: ("boolValue", bool),
    float: ("doubleValue", lambda x: x if math.isfinite(x) else double_text(x)),
    bytes: ("bytesValue", lambda x: base64.b64encode(x).decode()),
    list: ("arrayValue", lambda x: {"values": [_python_to_otlp_json(i) for i in x]}),
    dict: ("kvlistValue", _pairs_to_otlp_json),
}

FROM_OTLP_JSON: dict[str, Callable[[Any], object]] = {
    "stringValue": str,
    "intValue": int,
    "boolValue": bool,
    "doubleValue": float,
    "bytesValue": base64.b64decode,
    "arrayValue": lambda x: [_from_otlp_json(item) for item in x["values"]],
    "kvlistValue": lambda x: {
        p["key"]: _from_otlp_json(p["value"]) for p in x["values"]
    },
}
