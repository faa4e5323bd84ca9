"""Read the lines of a source into records.

    for record in read_records(source, recogniser):
        print(record.time_ns, record.message)

Every line is in a record. A line without a time gets the time of the record before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracing_starter_kit.log_reader.formats.recogniser import Recogniser
from tracing_starter_kit.log_reader.model import Record
from tracing_starter_kit.log_reader.reading.collector import RecordCollector
from tracing_starter_kit.log_reader.reading.sources import Source

MOST_WITHOUT_TIME = 1000  # records held back until the first time


def read_records(
    source: Source, recogniser: Recogniser, *, service: str = ""
) -> Iterator[Record]:
    """Yield the records of one source in their order.

    Args:
        source: The file.
        recogniser: Parses the lines; it must not be shared between files.
        service: The name of the service; by default the line's, or the file's.
    """
    return _with_times(_records(source, recogniser, service), source)


def _records(source: Source, recogniser: Recogniser, service: str) -> Iterator[Record]:
    collector = RecordCollector(source.display_name, recogniser)
    default = source.name
    for number, raw in source.lines():
        for record in collector.add(number, raw):
            record.service = service or record.service or default
            yield record
    for record in collector.finish():
        record.service = service or record.service or default
        yield record


def _with_times(records: Iterator[Record], source: Source) -> Iterator[Record]:
    """Give the first time to the records before it; without any, the file's time."""
    without_time: list[Record] = []
    for record in records:
        if record.time_ns or len(without_time) >= MOST_WITHOUT_TIME:
            yield from _at(without_time, record.time_ns or source.modified_ns)
            without_time.clear()
        if record.time_ns:
            yield record
        else:
            without_time.append(record)
    yield from _at(without_time, source.modified_ns)


def _at(records: Sequence[Record], time_ns: int) -> Iterator[Record]:
    for record in records:
        record.time_ns = time_ns
        yield record
