"""No tracing, the stock API with contrib's Flask, and the kit's helpers.

    python -m benchmarks.overhead_of.kit spans|requests

Spans go through a batch processor to an exporter that drops them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext, suppress

from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF

from benchmarks.overhead_of.work import (
    ATTRIBUTES,
    CALLER,
    DEPTH,
    failing,
    make_app,
    requester,
)
from benchmarks.overhead_of.worker import serve
from instrumentation import traced as kit
from instrumentation.flask_tracing import trace_flask

Variants = dict[str, Callable[[], object]]


class Dropping(SpanExporter):
    """Drops spans."""

    def export(self, _: object) -> SpanExportResult:
        """Drop the spans."""
        return SpanExportResult.SUCCESS


def batching_provider() -> TracerProvider:
    """Return a provider like that of a service, without the network."""
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Dropping()))
    return provider


def work() -> None:
    """Do nothing, inside a span or without one."""


def spans(tracer: trace.Tracer, group: str = "span") -> Variants:
    """Return variants that make one span; the kit sets three `code.*` attributes."""

    def stock() -> None:
        with tracer.start_as_current_span("work", attributes=ATTRIBUTES):
            pass

    def least() -> None:
        # Not even the current span: this is the cost of the SDK itself.
        tracer.start_span("work", attributes=ATTRIBUTES).end()

    def block() -> None:
        with kit.span("work"):
            pass

    return {
        f"{group}/stock": stock,
        f"{group}/start_span() and end()": least,
        f"{group}/@traced": kit.traced(work),
        f"{group}/span()": block,
    }


def unsampled(tracer: trace.Tracer) -> Variants:
    """Return the same variants, below a span that is not sampled."""
    dropped = trace.NonRecordingSpan(trace.SpanContext(7, 8, is_remote=False))

    def below(call: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            with trace.use_span(dropped):
                call()

        return run

    group = "span, not sampled"
    variants = {f"{group}/no tracing": work} | spans(tracer, group)
    return {name: below(call) for name, call in variants.items()}


def exceptions(tracer: trace.Tracer) -> Variants:
    """Return variants that raise an exception through six spans of three attributes."""

    @kit.traced
    def descend(depth: int) -> None:
        if depth == 1:
            raise LookupError("no such plan")
        descend(depth - 1)

    def stock() -> AbstractContextManager[object]:
        return tracer.start_as_current_span("work", attributes=ATTRIBUTES)

    def decorated() -> None:
        with suppress(LookupError):
            descend(DEPTH)

    return {
        "exception/no tracing": failing(nullcontext),
        "exception/stock": failing(stock),
        "exception/@traced": decorated,
        "exception/span()": failing(lambda: kit.span("work")),
    }


def requests(silent: TracerProvider) -> Variants:
    """Return variants that answer one request."""
    plain, kit_app, contrib_app = make_app(), make_app(), make_app()
    kit_off, contrib_off = make_app(), make_app()
    trace_flask(kit_app)
    trace_flask(kit_off, tracer_provider=silent)
    FlaskInstrumentor().instrument_app(contrib_app)
    FlaskInstrumentor().instrument_app(contrib_off, tracer_provider=silent)
    return {
        "flask/no tracing": requester(plain),
        "flask/stock (contrib)": requester(contrib_app),
        "flask/trace_flask": requester(kit_app),
        "flask from a caller/no tracing": requester(plain, CALLER),
        "flask from a caller/stock (contrib)": requester(contrib_app, CALLER),
        "flask from a caller/trace_flask": requester(kit_app, CALLER),
        "flask, not sampled/no tracing": requester(plain),
        "flask, not sampled/stock (contrib)": requester(contrib_off),
        "flask, not sampled/trace_flask": requester(kit_off),
    }


def main() -> None:
    """Serve the spans, below a parent, or the requests, without a parent."""
    [kind] = sys.argv[1:]
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"  # contrib's current names
    trace.set_tracer_provider(batching_provider())
    tracer = trace.get_tracer("benchmark")
    if kind == "requests":
        serve(requests(TracerProvider(sampler=ALWAYS_OFF)))
        return
    variants = {"span/no tracing": work} | spans(tracer) | unsampled(tracer)
    with tracer.start_as_current_span("parent"):
        serve(variants | exceptions(tracer))


if __name__ == "__main__":
    main()
