"""Mend OTLP/JSON of which protobuf's parser refuses a value.

    mended = mend_json(message_type, content)

Each field is tried alone. A value that does not fit is replaced: half of a surrogate
pair by U+FFFD, an attribute by its text, every other value by the field's default. A
span or log record with an id that is not hexadecimal is rejected.
"""

from __future__ import annotations

import json
import re
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass

from tracing_starter_kit.viewer.otlp.json_ids import IDS, hex_to_base64
from tracing_starter_kit.viewer.otlp.mending import (
    MARK,
    MARKED,
    Mended,
    replacement,
)

ITEMS = {"Span", "LogRecord", "Metric"}
SURROGATE = re.compile("[\ud800-\udfff]")
REFUSALS = (ValueError, TypeError, OverflowError, json_format.ParseError)

Fields = dict[str, Any]


def mend_json(message_type: Any, content: Fields) -> Mended:
    """Return the content as a message; raise ParseError if it cannot be mended."""
    mender = _Mender()
    mender.mend(content, message_type.DESCRIPTOR, "", mender.replaced)
    request = message_type()
    json_format.ParseDict(content, request, ignore_unknown_fields=True)
    return Mended(request=request, faults=mender.faults, replaced=mender.replaced)


class _Mender:
    """Walks through a request, and collects what it changes."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.replaced: list[str] = []

    def mend(
        self, fields: Fields, kind: Descriptor, place: str, replaced: list[str]
    ) -> None:
        """Replace the wrong values of one message in place."""
        if kind.name in MARKED:
            place, replaced = "", []
        by_name = {field.json_name: field for field in kind.fields}
        by_name |= kind.fields_by_name
        for name, value in list(fields.items()):
            field = by_name.get(name)
            if field is not None and value is not None:
                at = f"{place}.{name}".lstrip(".")
                self._mend_field(fields, name, field, at, replaced)
        if kind.name in MARKED and replaced:
            self.replaced += replaced
            fields["attributes"] = [*(fields.get("attributes") or ()), _mark(replaced)]

    def _mend_field(
        self,
        fields: Fields,
        name: str,
        field: FieldDescriptor,
        place: str,
        replaced: list[str],
    ) -> None:
        value, kind = fields[name], field.message_type
        if kind is None:
            _mend_scalar(fields, name, field, place, replaced)
        elif field.is_repeated and isinstance(value, list):
            fields[name] = [
                item
                for index, item in enumerate(value)
                if self._is_kept(item, kind, f"{place}[{index}]", place, replaced)
            ]
        elif not field.is_repeated and isinstance(value, dict):
            inner = place.removesuffix(".value") if kind.name == "AnyValue" else place
            self.mend(value, kind, inner, replaced)
        else:
            del fields[name]
            replaced.append(replacement(place, value))

    def _is_kept(
        self, item: Any, kind: Descriptor, place: str, outer: str, replaced: list[str]
    ) -> bool:
        """Mend an element of a list; return False if it cannot stay in it."""
        if not isinstance(item, dict):
            replaced.append(replacement(place, item))
            return False
        if kind.name == "KeyValue":
            place = f"{outer}.{item.get('key')}"
        if kind.name not in ITEMS:
            self.mend(item, kind, place, replaced)
            return True
        return self._is_accepted(item, kind, place, replaced)

    def _is_accepted(
        self, item: Fields, kind: Descriptor, place: str, replaced: list[str]
    ) -> bool:
        """Mend a span, log record or metric, and try whether protobuf takes it."""
        try:
            self.mend(item, kind, place, replaced)
            json_format.ParseDict(
                item, GetMessageClass(kind)(), ignore_unknown_fields=True
            )
        except REFUSALS as error:
            name = str(item.get("name", ""))[:80]
            self.faults.append(f"{kind.name} {name!r}: {error}")
            return False
        return True


def _mend_scalar(
    fields: Fields, name: str, field: FieldDescriptor, place: str, replaced: list[str]
) -> None:
    value = fields[name]
    if name in IDS:
        fields[name] = hex_to_base64(value, name)
    elif not _fits(field, value):
        del fields[name]
        place = place.removesuffix(f".{name}") if _is_attribute(field) else place
        if field.type == FieldDescriptor.TYPE_STRING:
            fields[name] = SURROGATE.sub("\ufffd", _text(value))
        elif _is_attribute(field):
            fields["stringValue"] = SURROGATE.sub("\ufffd", _text(value))
        elif number := _number_of(field, value):
            fields[name] = number
            return
        replaced.append(replacement(place, value))


def _is_attribute(field: FieldDescriptor) -> bool:
    return field.containing_type is not None and (
        field.containing_type.name == "AnyValue"
    )


def _fits(field: FieldDescriptor, value: object) -> bool:
    if field.type == FieldDescriptor.TYPE_ENUM and isinstance(value, float):
        return False
    assert field.containing_type is not None
    try:
        message = GetMessageClass(field.containing_type)()
        json_format.ParseDict({field.json_name: value}, message)
    except REFUSALS:
        return False
    return True


def _number_of(field: FieldDescriptor, value: object) -> int:
    """Return the number of an enum's word without its prefix, such as ERROR; else 0."""
    if field.enum_type is None or not isinstance(value, str):
        return 0
    word = value.upper()
    prefix = field.enum_type.values[0].name.rpartition("_")[0]
    member = field.enum_type.values_by_name.get(f"{prefix}_{word}")
    return member.number if member else 0


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _mark(replaced: list[str]) -> Fields:
    values = [{"stringValue": sentence} for sentence in replaced]
    return {"key": MARK, "value": {"arrayValue": {"values": values}}}
