"""Requests of many megabytes: accepted in parts, unless their items are empty."""

from __future__ import annotations

import random

import psutil
import pytest
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord

from tests.viewer.telemetry import PROTOBUF, logs, new_span, new_trace_id, traces
from tracing_starter_kit.viewer.otlp.errors import RefusedError
from tracing_starter_kit.viewer.otlp.export import JSON, read_export
from tracing_starter_kit.viewer.otlp.large_requests import LARGE, check_density
from tracing_starter_kit.viewer.otlp.signals import SIGNALS, SignalType

MIB = 1 << 20
TRACES, LOGS = SIGNALS["traces"], SIGNALS["logs"]


def nested(content: bytes) -> bytes:
    """Wrap bytes so that they take the place of a request's spans."""
    for tag in (0x12, 0x0A):
        size, length = len(content), b""
        while size > 0x7F:
            length += bytes([size & 0x7F | 0x80])
            size >>= 7
        content = bytes([tag]) + length + bytes([size]) + content
    return content


def refusal(body: bytes, signal: SignalType = TRACES, kind: str = PROTOBUF) -> str:
    with pytest.raises(RefusedError) as caught:
        read_export(signal, body, kind)
    return caught.value.message


def test_a_large_request_is_split_into_parts_with_the_same_spans() -> None:
    trace_id = new_trace_id()
    text = random.Random(1).randbytes(500).hex()
    request = traces(*[new_span(trace_id, name=f"{n} {text}") for n in range(9000)])
    request.resource_spans[0].schema_url = "resource"
    request.resource_spans[0].scope_spans[0].schema_url = "scope"

    export = read_export(TRACES, request.SerializeToString(), PROTOBUF)

    parts = [TRACES.request.FromString(body) for _, body in export.parts]
    (first, *_), spans = parts, []
    for part in parts:
        spans += part.resource_spans[0].scope_spans[0].spans
        del part.resource_spans[0].scope_spans[0].spans[:]
        assert part == first
    assert len(parts) > 1
    assert max(len(body) for _, body in export.parts) < 1.1 * LARGE
    assert sum(items for items, _ in export.parts) == 9000
    assert spans == [*request.resource_spans[0].scope_spans[0].spans]


def test_large_log_requests_are_split_too() -> None:
    request = logs(*[LogRecord(severity_text="x" * 500) for _ in range(20_000)])

    export = read_export(LOGS, request.SerializeToString(), PROTOBUF)

    assert sum(items for items, _ in export.parts) == 20_000
    assert len(export.parts) > 1


@pytest.mark.parametrize("item", [b"\x12\x00", b"\x12\x02\x10\x01"])
def test_millions_of_empty_spans_are_refused_before_they_take_memory(
    item: bytes,
) -> None:
    process = psutil.Process()
    body = nested(item * (16 * MIB // len(item)))
    before = process.memory_info().rss

    message = refusal(body)

    assert "most of them are empty" in message
    assert process.memory_info().rss - before < 64 * MIB


@pytest.mark.parametrize(
    "body",
    [
        b"\xff" * (LARGE + 1),
        b"\x80" * (LARGE + 1),
        bytes(LARGE + 1),
        nested(b"\x12\x00" * 9 + b"\x07" + bytes(LARGE)),
        nested(bytes(LARGE))[:-1],
    ],
    ids=["ones", "endless number", "zeros", "unknown type", "cut short"],
)
def test_a_malformed_body_is_refused_by_the_parser(body: bytes) -> None:
    check_density(body)

    assert "not an ExportTraceServiceRequest" in refusal(body)


def test_a_large_body_in_json_is_split_too() -> None:
    name = "n" * 1000
    span = f'{{"traceId":"{"ab" * 16}","spanId":"{"cd" * 8}","name":"{name}"}}'
    spans = ",".join([span] * 5000)
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}'

    export = read_export(TRACES, body.encode(), JSON)

    assert sum(items for items, _ in export.parts) == 5000


@pytest.mark.parametrize("size", [3 * MIB, 16 * MIB])
@pytest.mark.parametrize("item", ["{}", "[]", '{"links":[{}]}'])
def test_empty_spans_in_json_are_refused_before_they_take_memory(
    item: str, size: int
) -> None:
    process = psutil.Process()
    spans = ",".join([item] * (size // len(item)))
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{spans}]}}]}}]}}'.encode()
    before = process.memory_info().rss

    message = refusal(body, kind=JSON)

    assert "most of them are empty" in message
    assert process.memory_info().rss - before < 64 * MIB


def test_brackets_in_a_text_do_not_count_as_empty_items() -> None:
    ids = f'"traceId":"{"ab" * 16}","spanId":"{"cd" * 8}"'
    span = f'{{{ids},"name":"{"{[" * 5000}\\"{"[{" * 5000}"}}'
    body = f'{{"resourceSpans":[{{"scopeSpans":[{{"spans":[{span}]}}]}}]}}'

    export = read_export(TRACES, body.encode(), JSON)

    assert [items for items, _ in export.parts] == [1]
