"""Check whether bytes are a protobuf message, by the specification of the format.

This code is independent of the parser under test, and so can judge it. A text may be
other than UTF-8, because the receiver mends that.
"""

from __future__ import annotations

from google.protobuf.descriptor import Descriptor, FieldDescriptor

MOST_DEPTH = 100
FIXED = {1: 8, 5: 4}  # wire type: bytes
VARINT, LENGTH, START_GROUP, END_GROUP = 0, 2, 3, 4

Field = FieldDescriptor
FIXED_TYPES = {
    Field.TYPE_DOUBLE: 8,
    Field.TYPE_FIXED64: 8,
    Field.TYPE_SFIXED64: 8,
    Field.TYPE_FLOAT: 4,
    Field.TYPE_FIXED32: 4,
    Field.TYPE_SFIXED32: 4,
}


class MalformedError(Exception):
    """The bytes are not such a message."""


def is_message(data: bytes, descriptor: Descriptor) -> bool:
    try:
        _message(data, descriptor, MOST_DEPTH)
    except MalformedError:
        return False
    return True


def _message(data: bytes, descriptor: Descriptor, depth: int) -> None:
    position = 0
    while position < len(data):
        number, wire_type, position = _tag(data, position)
        if wire_type == END_GROUP:
            raise MalformedError("the end of a group without its beginning")
        field = descriptor.fields_by_number.get(number)
        if wire_type == LENGTH:
            content, position = _content(data, position)
            if field is not None:
                _length_delimited(content, field, depth)
        else:
            position = _skip(data, position, number, wire_type, depth)


def _length_delimited(content: bytes, field: FieldDescriptor, depth: int) -> None:
    if field.type == Field.TYPE_MESSAGE:
        if depth == 0:
            raise MalformedError("too deep")
        assert field.message_type is not None
        _message(content, field.message_type, depth - 1)
    elif field.is_repeated and field.type != Field.TYPE_BYTES:
        _packed(content, field)


def _packed(content: bytes, field: FieldDescriptor) -> None:
    size = FIXED_TYPES.get(field.type)
    if size:
        if len(content) % size:
            raise MalformedError("half a number")
        return
    position = 0
    while position < len(content):
        _, position = _varint(content, position)


def _skip(data: bytes, position: int, number: int, wire_type: int, depth: int) -> int:
    """Return the position after an unknown field that has no length."""
    if wire_type == VARINT:
        return _varint(data, position)[1]
    if wire_type in FIXED:
        if position + FIXED[wire_type] > len(data):
            raise MalformedError("cut short")
        return position + FIXED[wire_type]
    if wire_type == START_GROUP:
        return _skip_group(data, position, number, depth)
    raise MalformedError(f"wire type {wire_type}")


def _skip_group(data: bytes, position: int, number: int, depth: int) -> int:
    if depth == 0:
        raise MalformedError("too deep")
    while True:
        inner, wire_type, position = _tag(data, position)
        if wire_type == END_GROUP:
            if inner != number:
                raise MalformedError("another group ends")
            return position
        if wire_type == LENGTH:
            _, position = _content(data, position)
        else:
            position = _skip(data, position, inner, wire_type, depth - 1)


def _tag(data: bytes, position: int) -> tuple[int, int, int]:
    tag, after = _varint(data, position)
    if tag >= 1 << 32 or after - position > 5 or tag >> 3 == 0:
        raise MalformedError("no field")
    return tag >> 3, tag & 7, after


def _content(data: bytes, position: int) -> tuple[bytes, int]:
    size, position = _varint(data, position)
    if position + size > len(data):
        raise MalformedError("cut short")
    return data[position : position + size], position + size


def _varint(data: bytes, position: int) -> tuple[int, int]:
    number = 0
    for index in range(10):
        if position >= len(data):
            raise MalformedError("cut short")
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            return number & (1 << 64) - 1, position  # higher bits are dropped
    raise MalformedError("a number of more than ten bytes")
