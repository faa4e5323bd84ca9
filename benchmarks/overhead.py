"""What a span and a traced request cost, beside the stock ones in the same run.

    python -m benchmarks.overhead --rounds 31

Every variant runs once per round, in an order that rotates; the table shows medians.
Microseconds differ from machine to machine and hour to hour: compare the ratios of one
run. Spans go through a batch processor to an exporter that drops them.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable
from statistics import median
from timeit import timeit

from flask import Flask
from opentelemetry import trace
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from werkzeug.test import EnvironBuilder, run_wsgi_app

from instrumentation.flask_tracing import trace_flask
from instrumentation.traced import span, traced

ATTRIBUTES = {"app.order.id": "o-17", "app.plan": "pro", "app.quantity": 3}


class Nowhere(SpanExporter):
    """Takes spans and drops them."""

    def export(self, _: object) -> SpanExportResult:
        """Say that all is well."""
        return SpanExportResult.SUCCESS


def main() -> None:
    """Measure both groups and print a table for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "http"  # contrib's current names
    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(Nowhere()))
    trace.set_tracer_provider(provider)
    with trace.get_tracer("benchmark").start_as_current_span("parent"):
        show("a span with three attributes", measure(span_variants(), rounds, 500))
    show("a Flask request", measure(request_variants(), rounds, 100))


def span_variants() -> dict[str, Callable[[], object]]:
    """Each makes one span; the three attributes of ours are `code.*`."""
    tracer = trace.get_tracer("benchmark")

    def stock() -> None:
        with tracer.start_as_current_span("work", attributes=ATTRIBUTES):
            pass

    def block() -> None:
        with span("work"):
            pass

    @traced
    def function() -> None:
        """Be a span."""

    return {"stock span": stock, "@traced": function, "span()": block}


def request_variants() -> dict[str, Callable[[], object]]:
    """Each answers one request, past any server and any test client."""
    apps = {"plain": make_app(), "trace_flask": make_app(), "contrib": make_app()}
    trace_flask(apps["trace_flask"])
    FlaskInstrumentor().instrument_app(apps["contrib"])
    return {name: requester(app) for name, app in apps.items()}


def make_app() -> Flask:
    """Return a small app."""
    app = Flask("benchmark")
    app.add_url_rule("/orders/<int:order>", view_func=lambda order: f"{order}")
    return app


def requester(app: Flask) -> Callable[[], object]:
    """Return what sends `app` one request and reads the answer."""
    environ = EnvironBuilder(path="/orders/17").get_environ()
    return lambda: run_wsgi_app(app, dict(environ), buffered=True)


def measure(
    variants: dict[str, Callable[[], object]], rounds: int, calls: int
) -> dict[str, float]:
    """Return each variant's median of microseconds per call."""
    found: dict[str, list[float]] = {name: [] for name in variants}
    order = list(variants)
    for _ in range(rounds):
        for name in order:
            found[name].append(timeit(variants[name], number=calls))
        order.append(order.pop(0))
    return {name: median(times) / calls * 1e6 for name, times in found.items()}


def show(title: str, found: dict[str, float]) -> None:
    """Print microseconds, and ratios to the first variant."""
    first = next(iter(found.values()))
    print(f"{title:30} {'µs':>7} {'ratio':>7} {'more':>8}")
    for name, taken in found.items():
        print(f"  {name:28} {taken:7.1f} {taken / first:7.2f} {taken - first:+8.1f}")


if __name__ == "__main__":
    main()
