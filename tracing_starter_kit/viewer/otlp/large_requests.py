"""Large requests: refuse those of empty items, and split the others into parts.

    check_density(body)                       # before it is parsed
    parts = split(signal, request, size)      # smaller requests with the same items

64 MiB can hold 33 million empty spans, which take 5.6 GB when parsed; 64 MiB of real
spans take 0.3 GB. So the spans are counted first. The store gets parts, because it can
hold several of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, RefusedError
from tracing_starter_kit.viewer.otlp.signals import SignalType

LARGE = 4 << 20
SMALLEST_ITEM = 16  # bytes on average; the ids of a span alone take 28
VARINT, LENGTH = 0, 2  # protobuf's wire types
FIXED = {1: 8, 5: 4}  # wire types of a fixed size, in bytes
PATH = (1, 2, 2)  # fields from a request to its items, in all three signals


def check_density(body: bytes) -> None:
    """Refuse a body whose spans or log records are mostly empty."""
    most = len(body) // SMALLEST_ITEM
    for count, _ in enumerate(_fields(memoryview(body), PATH)):
        if count > most:
            raise RefusedError(
                BAD_DATA,
                f"The body has more than {most} items in {len(body)} bytes: "
                "most of them are empty.",
            )


def split(signal: SignalType, request: Any, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield requests of about LARGE bytes, each with the number of its items."""
    outer, inner, items = signal.groups
    for group in getattr(request, outer):
        for scope in getattr(group, inner):
            all_items = getattr(scope, items)
            step = max(1, len(all_items) * LARGE // size)
            for first in range(0, len(all_items), step):
                part = signal.request()
                part_group = getattr(part, outer).add(schema_url=group.schema_url)
                part_group.resource.CopyFrom(group.resource)
                part_scope = getattr(part_group, inner).add(schema_url=scope.schema_url)
                part_scope.scope.CopyFrom(scope.scope)
                part_items = all_items[first : first + step]
                getattr(part_scope, items).extend(part_items)
                yield len(part_items), part.SerializeToString()


def _fields(data: memoryview, path: tuple[int, ...]) -> Iterator[None]:
    """Yield once for each field along the path; stop at a malformed field."""
    position = 0
    while position < len(data):
        yield None
        tag, position = _varint(data, position)
        number, kind = tag >> 3, tag & 7
        if kind == LENGTH:
            size, position = _varint(data, position)
            if number == path[0] and len(path) > 1:
                yield from _fields(data[position : position + size], path[1:])
            position += size
        elif kind in FIXED:
            position += FIXED[kind]
        elif kind == VARINT and number:
            _, position = _varint(data, position)
        else:
            return


def _varint(data: memoryview, position: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if position == len(data):
            break
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, position
    return number, len(data)  # malformed: the rest cannot be counted
