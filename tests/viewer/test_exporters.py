"""Real senders: the SDK's exporter over HTTP, the generated client over gRPC."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2_grpc import (
    TraceServiceStub,
)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.trace import SpanKind

from tests.viewer.conftest import rows
from tests.viewer.program import Program, running
from tests.viewer.telemetry import new_span, traces
from tracing_starter_kit.viewer.store import Store


@pytest.fixture
def program(data: Path) -> Iterator[Program]:
    with running(data) as program:
        yield program


def run_on_data(program: Program, data: Path, query: str) -> list[tuple[object, ...]]:
    """End the program, and run a query on its data."""
    program.process.terminate()
    program.process.wait(20)
    store = Store.open(data)
    try:
        return rows(store, query)
    finally:
        store.close()


@pytest.mark.parametrize("compression", [Compression.NoCompression, Compression.Gzip])
def test_a_trace_of_the_sdk_is_stored_with_all_its_fields(
    program: Program, data: Path, compression: Compression
) -> None:
    endpoint = f"{program.otlp}/v1/traces"
    exporter = OTLPSpanExporter(endpoint=endpoint, compression=compression)
    provider = TracerProvider(resource=Resource({"service.name": "shop"}))
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracer = provider.get_tracer("tests", "1.0")
    with tracer.start_as_current_span("order", kind=SpanKind.SERVER) as order:
        order.set_attributes({"shop.total": 1.5, "shop.items": ["a", "b"]})
        with tracer.start_as_current_span("price") as price:
            price.add_event("looked up", {"shop.hit": True})
    provider.shutdown()

    query = """
        SELECT span.name, parent.name, span.service, scopes.name, span.attributes,
          span.attribute_types, [event.name FOR event IN span.events]
        FROM spans AS span
        JOIN scopes USING (scope_id)
        LEFT JOIN spans AS parent ON span.parent_span_id = parent.span_id
        ORDER BY span.name
    """
    attributes = {"shop.total": "1.5", "shop.items": '["a","b"]'}
    assert run_on_data(program, data, query) == [
        ("order", None, "shop", "tests", attributes, "da", []),
        ("price", "order", "shop", "tests", {}, "", ["looked up"]),
    ]


def test_the_generated_grpc_client_is_understood(program: Program, data: Path) -> None:
    address = f"127.0.0.1:{program.ports['otlp_grpc_port']}"
    with grpc.insecure_channel(address, compression=grpc.Compression.Gzip) as channel:
        answer = TraceServiceStub(channel).Export(traces(new_span()), timeout=10)

    assert not answer.HasField("partial_success")
    assert run_on_data(program, data, "SELECT name FROM spans") == [("work",)]
