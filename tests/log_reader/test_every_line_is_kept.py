"""Whatever bytes a log consists of, each line of it is in a record."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.log_reader.reading import records_of, traces_of
from tracing_starter_kit.log_reader.model import Record
from tracing_starter_kit.log_reader.reading.sources import COMPRESSED, LONGEST
from tracing_starter_kit.log_reader.sending.otlp_json import records_json, spans_json
from tracing_starter_kit.log_reader.sending.otlp_protobuf import (
    records_protobuf,
    spans_protobuf,
)

PIECES = st.sampled_from(
    [
        b"2019-01-25T01:30:23.743Z Enqueued task task=72",
        b"2019-01-25T01:30:29.953Z Task timed out after 6.01 seconds task=72",
        b"2019-13-45 99:99:99 Task complete task=72",
        b"INFO:root:started request_id=a1 parent=a1 task=1.2.3",
        b'{"event": "\\ud800", "level": 7, "time": 1e400, "request_id": "a1"}',
        b'{"ts": NaN, "msg": null, "task_id": 99999999999999999999999}',
        b"__CURSOR=s=1",
        b"__REALTIME_TIMESTAMP=1700000000000000",
        b"MESSAGE",
        b"\x05\x00\x00\x00\x00\x00\x00\x00a\nb\x00c",
        b"Traceback (most recent call last):",
        b'  File "x.py", line 1, in f',
        b"ValueError: no",
        b"\tat com.acme.Shop.sell(Shop.java:7)",
        b'127.0.0.1 - - [01/Jan/2024:12:00:00 +0000] "GET / HTTP/1.1" 500 0 "-" "-"',
        b"trace_id=0af7651916cd43dd8448eb211c80319c span_id=b7ad6b7169203331 done",
        b"caf\xe9 \xff\xfe \x00",
        b"\xef\xbb\xbfINFO:root:done task=72",
        b"",
        b"\x1b[31mred\x1b[0m",
    ]
)
LINES = st.lists(st.one_of(PIECES, st.binary(max_size=60)), max_size=25).filter(
    lambda lines: not COMPRESSED.match(b"\n".join(lines))
)


def bytes_of(record: Record) -> bytes:
    return record.raw or record.text.encode()


def as_lines(content: bytes) -> list[bytes]:
    """Return the lines without line ends and carriage returns."""
    lines = content.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [line.rstrip(b"\r") for line in lines]


@settings(deadline=None)  # the machine may be busy
@given(lines=LINES, end=st.sampled_from([b"\n", b"\r\n", b""]))
def test_the_records_give_every_line_back(lines: list[bytes], end: bytes) -> None:
    content = b"\n".join(lines) + end

    records = records_of(content)

    lines_of_records = [
        line for record in records for line in as_lines(bytes_of(record) + b"\n")
    ]
    assert lines_of_records == as_lines(content)
    assert sum(record.lines for record in records) == len(lines_of_records)


@settings(deadline=None)  # the machine may be busy
@given(lines=LINES)
def test_everything_can_be_written_in_both_encodings(lines: list[bytes]) -> None:
    for trace in traces_of(b"\n".join(lines)):
        spans_protobuf(trace.spans)
        records_protobuf(trace.records, 1)
        text = json.dumps([spans_json(trace.spans), records_json(trace.records, 1)])
        json.loads(text, parse_constant=pytest.fail)


@settings(deadline=None)  # the machine may be busy
@given(lines=LINES)
def test_no_span_ends_before_it_starts_or_its_parent(lines: list[bytes]) -> None:
    for trace in traces_of(b"\n".join(lines)):
        starts = {span.span_id: span.start_ns for span in trace.spans}

        assert all(0 < span.start_ns <= span.end_ns for span in trace.spans)
        assert len(starts) == len(trace.spans)


def test_a_very_long_line_is_kept_in_pieces() -> None:
    records = records_of(b"x" * (2 * LONGEST + 5) + b"\nnext\n")

    assert [len(record.text) for record in records] == [LONGEST, LONGEST, 5, 4]


def test_bytes_that_are_not_utf8_are_readable_and_can_be_restored() -> None:
    (record,) = records_of(b"INFO:shop:caf\xe9\n")

    assert record.message == "caf\\xe9"
    assert record.raw == b"INFO:shop:caf\xe9"


@pytest.mark.parametrize("line", ["2026-11-24T08:00:00Z sold", '{"msg": "sold"}'])
def test_a_file_may_begin_with_a_byte_order_mark(line: str) -> None:
    content = line.encode("utf-8-sig")

    (record,) = records_of(content + b"\n")

    assert (record.message, bytes_of(record), record.raw) == ("sold", content, b"")
