"""The attributes of a log record as it is sent, and the grouping by service.

Names follow the semantic conventions for logs, where they have one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

from tracing_starter_kit.log_reader.model import Record, Span, Value

SCOPE = "log_reader"
Item = TypeVar("Item", Span, Record)


def record_attributes(record: Record) -> Iterator[tuple[str, Value | bytes]]:
    """Yield the fields of a record, its place in the file, and its original text."""
    yield from record.fields.items()
    if record.text != record.message:
        yield "log.record.original", record.text
    if record.raw:
        yield "log_reader.bytes", record.raw
    if not record.has_own_time:
        yield "log_reader.time_assumed", True
    yield "log.file.path", record.source
    yield "log_reader.line", record.line
    # A backend may use it to drop duplicates.
    yield "log.record.uid", record_uid(record)


def record_uid(record: Record) -> str:
    """Return an id made of the line and its place, the same at every reading."""
    seed = f"{record.source}|{record.line}|{record.text}".encode(errors="replace")
    return hashlib.blake2b(seed, digest_size=12).hexdigest()


def by_service(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Return the items grouped by their service."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.service, []).append(item)
    return list(groups.items())
