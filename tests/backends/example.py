"""The example span of `collector/README.md`, after each step of the Collector.

with Receiver() as receiver:
    after(["memory_limiter", "resource/clean"], receiver, folder)    # its lines
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

KINDS = {"resource": "resource", "attribute": "span"}


def request(lines: list[str]) -> ExportTraceServiceRequest:
    """Return the span that such lines write down."""
    found = ExportTraceServiceRequest()
    group = found.resource_spans.add()
    now = time.time_ns()
    span = new_span(
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=now - 5_000_000,
        end_time_unix_nano=now,
    )
    span.events.add(time_unix_nano=now)
    for line in lines:
        what, key, value = re.fullmatch(r"(\S+)( \S+)? = (.*)", line).groups()  # type: ignore[union-attr]
        attribute = KeyValue(
            key=(key or "").strip(), value=AnyValue(string_value=value)
        )
        match what:
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
    return found


def after(steps: list[str], lines: list[str], folder: Path) -> list[str]:
    """Send the span through a Collector with these processors; return what came out."""
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
    return written(receiver.resources[0], receiver.spans[0])


def written(resource: dict[str, str], span: Span) -> list[str]:
    """Write a span down, one line for each thing that it says."""
    return [
        *(f"resource {key} = {value}" for key, value in resource.items()),
        f"span = {span.name}",
        f"status = {span.status.message}",
        *(f"span {one.key} = {_text(one.value)}" for one in span.attributes),
        f"event = {span.events[0].name}",
        *(f"event {one.key} = {_text(one.value)}" for one in span.events[0].attributes),
    ]


def _text(value: AnyValue) -> str:
    if value.WhichOneof("value") == "int_value":
        return str(value.int_value)
    return value.string_value
