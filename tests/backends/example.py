"""The example span of `collector/README.md`, after each step of the Collector.

after(["memory_limiter", "resource/clean"], lines, folder)    # its lines then
"""

from __future__ import annotations

import re
import time
from pathlib import Path

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from benchmarks.pipeline import collector
from tests.backends.counting import PROTOBUF
from tests.instrumentation.receiver import Receiver
from tests.viewer.telemetry import new_span


def request(lines: list[str]) -> ExportTraceServiceRequest:
    """Return the span that some lines describe."""
    body = ExportTraceServiceRequest()
    group = body.resource_spans.add()
    now = time.time_ns()
    span = new_span(
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=now - 5_000_000,
        end_time_unix_nano=now,
    )
    span.events.add(time_unix_nano=now)
    for line in lines:
        match_ = re.fullmatch(r"(\S+)( \S+)? = (.*)", line)
        assert match_, line
        part, key, value = match_.groups()
        attribute = KeyValue(
            key=(key or "").strip(), value=AnyValue(string_value=value)
        )
        match part:
            case "resource":
                group.resource.attributes.append(attribute)
            case "span" if key:
                span.attributes.append(attribute)
            case "span":
                span.name = value
            case "status":
                span.status.CopyFrom(
                    Status(code=Status.STATUS_CODE_ERROR, message=value)
                )
            case "event" if key:
                span.events[0].attributes.append(attribute)
            case "event":
                span.events[0].name = value
    group.scope_spans.add().spans.append(span)
    return body


def after(steps: list[str], lines: list[str], folder: Path) -> list[str]:
    """Send the span through a Collector with these processors; return its lines."""
    traces = {"processors": steps, "exporters": ["otlp_http/viewer", "span_metrics"]}
    metrics = {"receivers": ["otlp", "span_metrics"]}
    change = {"service": {"pipelines": {"traces": traces, "metrics": metrics}}}
    with (
        Receiver() as receiver,
        collector(folder, viewer=receiver.endpoint, change=change) as through,
    ):
        body = request(lines).SerializeToString()
        url = f"{through.otlp}/v1/traces"
        assert requests.post(url, body, headers=PROTOBUF, timeout=20).ok
        receiver.wait_for(1)
    return lines_of(receiver.resources[0], receiver.spans[0])


def lines_of(resource: dict[str, str], span: Span) -> list[str]:
    """Return the lines that describe a span."""
    return [
        *(f"resource {key} = {value}" for key, value in resource.items()),
        f"span = {span.name}",
        f"status = {span.status.message}",
        *(f"span {pair.key} = {_text(pair.value)}" for pair in span.attributes),
        f"event = {span.events[0].name}",
        *(
            f"event {each.key} = {_text(each.value)}"
            for each in span.events[0].attributes
        ),
    ]


def _text(value: AnyValue) -> str:
    if value.WhichOneof("value") == "int_value":
        return str(value.int_value)
    return value.string_value
