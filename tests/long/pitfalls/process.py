"""Makes spans, and ends. Arguments: "stock" or "kit", and an action."""

import logging
import os
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ConcurrentMultiSpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from instrumentation.tracing_setup import start_tracing

kind, action = sys.argv[1:]
logging.basicConfig(format="LOGGED %(name)s %(message)s")


def start() -> TracerProvider:
    """Set up tracing; for one action, with processors that work side by side."""
    if kind == "kit":
        return start_tracing("process")
    side_by_side = ConcurrentMultiSpanProcessor() if action == "side by side" else None
    provider = TracerProvider(active_span_processor=side_by_side)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    return provider


def work() -> None:
    """Be a span."""
    with trace.get_tracer("process").start_as_current_span("work"):
        pass


provider = start()
work()
if action == "fork":
    provider.force_flush()
    child = os.fork()
    if child == 0:
        work()
        provider.force_flush()
        os._exit(0)
    os.waitpid(child, 0)
