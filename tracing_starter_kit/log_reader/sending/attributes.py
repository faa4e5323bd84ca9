"""What a log record carries beside what its line says, and the grouping by service.

Names are the log conventions' where these have one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from tracing_starter_kit.log_reader.model import Record, Span, Value

SCOPE: Final = "log_reader"
Item = TypeVar("Item", Span, Record)


def record_attributes(record: Record) -> Iterator[tuple[str, Value | bytes]]:
    """Yield the fields of a record, where it stands, and how it stands there."""
    yield from record.fields.items()
    if record.text != record.message:
        yield "log.record.original", record.text
    if record.raw:
        yield "log_reader.bytes", record.raw
    if not record.own_time:
        yield "log_reader.time_assumed", True
    yield "log.file.path", record.source
    yield "log_reader.line", record.line
    # Who keeps records may tell by it that one is there already.
    yield "log.record.uid", record_uid(record)


def record_uid(record: Record) -> str:
    """Return the same id whenever the same line is read at the same place."""
    seed = f"{record.source}|{record.line}|{record.text}".encode(errors="replace")
    return hashlib.blake2b(seed, digest_size=12).hexdigest()


def by_service(items: Sequence[Item]) -> list[tuple[str, list[Item]]]:
    """Return the items in a group a service."""
    groups: dict[str, list[Item]] = {}
    for item in items:
        groups.setdefault(item.service, []).append(item)
    return list(groups.items())
