"""Measure the cost of redaction, sampling and flags when spans are made and sent.

    python -m benchmarks.privacy --rounds 31

Every variant runs once per round, in an order that rotates; the table shows medians of
the thread's own time. Microseconds differ from machine to machine and hour to hour:
compare the ratios of one run. Sending is redaction and OTLP's encoding, without the
network.
"""

from __future__ import annotations

import argparse
import itertools
import time
import uuid
from collections.abc import Callable, Sequence
from statistics import median
from timeit import timeit

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio, Sampler

from instrumentation.flags import FlagFields, record_flag
from instrumentation.redact import Redaction
from instrumentation.rescue import Rescue
from instrumentation.sampling import Rule, RuleSampler

CALLS = 400
RULES = [
    Rule("health", 0, {"url.path": ["/health", "/ready"]}),
    Rule("named", 1, {"shop.customer.id": ["c-17", "c-18"]}),
]
ids = itertools.count(1)


class Encoding(SpanExporter):
    """Encodes spans and drops the result."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Encode the spans."""
        encode_spans(spans).SerializeToString()
        return SpanExportResult.SUCCESS


class Collecting(SpanExporter):
    """Collects spans."""

    def __init__(self) -> None:
        self.spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Append the spans."""
        self.spans.extend(spans)
        return SpanExportResult.SUCCESS


def main() -> None:
    """Measure each group and print a table for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=31)
    rounds = parser.parse_args().rounds
    show("making a span, 6 attributes", measure(making(), rounds))
    show("sending a span", measure(sending(error=False), rounds))
    show("sending a span with an error", measure(sending(error=True), rounds))
    show("an entry span and a child", measure(sampled(), rounds))
    show("a span below an entry span", measure(flagged(), rounds))


def making() -> dict[str, Callable[[], object]]:
    """Return variants that make a span, with and without redaction."""
    stock = maker(BatchSpanProcessor(Encoding(), schedule_delay_millis=60_000))
    redacting = Redaction().spans(Encoding())
    ours = maker(BatchSpanProcessor(redacting, schedule_delay_millis=60_000))
    return {"without": stock, "with redaction": ours}


def maker(processor: SpanProcessor) -> Callable[[], object]:
    """Return a function that makes a span like that of a request."""
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("benchmark")
    return lambda: tracer.start_span("POST /orders", attributes=attributes()).end()


def attributes() -> dict[str, str | int]:
    """Return attributes: half of them have a new value in each span."""
    number = next(ids)
    return {
        "http.request.method": "POST",
        "http.route": "/customers/<int:customer>/orders",
        "url.path": f"/customers/{number}/orders",
        "shop.order.id": str(uuid.UUID(int=number * 2**64 + 0xA1B2C3D4E5F60718)),
        "shop.order.amount": number,
        "code.function.name": "billing.orders.place_order",
    }


def sending(*, error: bool) -> dict[str, Callable[[], object]]:
    """Return variants that send one of 10,000 spans."""
    collecting = Collecting()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(collecting, max_queue_size=2**20))
    tracer = provider.get_tracer("benchmark")
    for _ in range(10_000):
        span = tracer.start_span("POST /orders", attributes=attributes())
        if error:
            fail(span, 12)
        span.end()
    provider.force_flush()
    spans = itertools.cycle(collecting.spans)
    plain, redacting = Encoding(), Redaction().spans(Encoding())
    return {
        "encoding": lambda: plain.export([next(spans)]),
        "redaction and encoding": lambda: redacting.export([next(spans)]),
    }


def fail(span: trace.Span, depth: int) -> None:
    """Record an exception with a stack of this depth."""
    try:
        if depth:
            fail(span, depth - 1)
        else:
            raise LookupError(f"no price for order {next(ids)}")
    except LookupError as error:
        if not depth:
            span.record_exception(error)


def sampled() -> dict[str, Callable[[], object]]:
    """Return variants that make a trace: sampled, not sampled, or held for rescue."""
    return {
        "stock, sampled": pair(ParentBasedTraceIdRatio(1.0)),
        "ours, sampled": pair(RuleSampler(1.0, RULES)),
        "stock, not sampled": pair(ParentBasedTraceIdRatio(0.0)),
        "ours, not sampled": pair(RuleSampler(0.0, RULES)),
        "ours, held for rescue": pair(
            RuleSampler(0.0, RULES, record_unsampled=True), rescue=True
        ),
    }


def pair(sampler: Sampler, *, rescue: bool = False) -> Callable[[], object]:
    """Return a function that makes an entry span and a child."""
    provider = TracerProvider(sampler, shutdown_on_exit=False)
    batches: SpanProcessor = BatchSpanProcessor(
        Collecting(), schedule_delay_millis=60_000
    )
    if rescue and isinstance(sampler, RuleSampler):
        batches = Rescue(batches, also=sampler.always_keeps)
    provider.add_span_processor(batches)
    start = provider.get_tracer("benchmark").start_span

    def work() -> None:
        entry = start("order", Context(), attributes={"url.path": "/orders"})
        start("price", trace.set_span_in_context(entry)).end()
        entry.end()

    return work


def flagged() -> dict[str, Callable[[], object]]:
    """Return variants that make a span: no processor for flags, no flag, two flags."""
    return {
        "without": below([]),
        "no flag": below([FlagFields()]),
        "two flags": below([FlagFields()], "new-checkout", "theme"),
    }


def below(processors: list[SpanProcessor], *flags: str) -> Callable[[], object]:
    """Return a function that makes a span below an entry span with these flags."""
    provider = TracerProvider(shutdown_on_exit=False)
    for processor in processors:
        provider.add_span_processor(processor)
    tracer = provider.get_tracer("benchmark")
    entry = tracer.start_span("order")
    context = trace.set_span_in_context(entry)
    with trace.use_span(entry):
        for flag in flags:
            record_flag(flag, variant="on")
    return lambda: tracer.start_span("price", context).end()


def measure(variants: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return each variant's median of microseconds per call."""
    times: dict[str, list[float]] = {name: [] for name in variants}
    order = list(variants)
    for _ in range(rounds):
        for name in order:
            seconds = timeit(variants[name], number=CALLS, timer=time.thread_time)
            times[name].append(seconds / CALLS * 1e6)
        order.append(order.pop(0))
    return {name: median(values) for name, values in times.items()}


def show(title: str, times: dict[str, float]) -> None:
    """Print microseconds, and ratios to the first variant."""
    first = next(iter(times.values()))
    print(f"{title:30} {'µs':>7} {'ratio':>7} {'more':>8}")
    for name, micros in times.items():
        print(f"  {name:28} {micros:7.1f} {micros / first:7.2f} {micros - first:+8.1f}")


if __name__ == "__main__":
    main()
