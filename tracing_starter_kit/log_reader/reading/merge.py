"""Merge several files into one stream of records, by time.

    for record in merge_by_time([read_records(a, ...), read_records(b, ...)]):
        ...

The order within a file never changes, even where its times run backwards.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from tracing_starter_kit.log_reader.model import Record


def merge_by_time(streams: Sequence[Iterator[Record]]) -> Iterator[Record]:
    """Yield the records of all streams, each placed by the latest time so far."""
    if len(streams) == 1:
        yield from streams[0]
        return
    yield from (record for _, record in heapq.merge(*map(_timed, streams), key=_time))


def _timed(stream: Iterator[Record]) -> Iterator[tuple[int, Record]]:
    latest = 0
    for record in stream:
        latest = max(latest, record.time_ns)
        yield latest, record


def _time(pair: tuple[int, Record]) -> int:
    return pair[0]
