"""A service with a sampler, its caller, and the spans that leave it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Sampler
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags, TraceState

from instrumentation.rescue import Rescue
from instrumentation.sampling import Rule, RuleSampler

HEALTH = Rule("health", 0, {"url.path": ["/health", "/ready"]})
NAMED = Rule("named", 1, {"shop.customer.id": ["c-17", "c-18"]})
COUNT = "kit.sampling.adjusted_count"


class SeededIds(RandomIdGenerator):
    """The same ids in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def generate_trace_id(self) -> int:
        return self._random.getrandbits(128)


class Service:
    """A provider with a sampler, and the spans that leave it."""

    def __init__(self, sampler: Sampler) -> None:
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider(
            sampler, id_generator=SeededIds(), shutdown_on_exit=False
        )
        self.provider.add_span_processor(self.entrance(sampler))
        self.span = self.provider.get_tracer("shop").start_as_current_span

    def entrance(self, sampler: Sampler) -> SpanProcessor:
        return SimpleSpanProcessor(self.exporter)

    @property
    def spans(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    def names(self) -> list[str]:
        return [span.name for span in self.spans]

    def one(self, name: str) -> ReadableSpan:
        [span] = [span for span in self.spans if span.name == name]
        return span


class RescuingService(Service):
    """A service that rescues failed traces, and those of rules with ratio 1."""

    def __init__(self, ratio: float, rules: Iterable[Rule] = ()) -> None:
        super().__init__(RuleSampler(ratio, rules, record_unsampled=True))

    def entrance(self, sampler: Sampler) -> SpanProcessor:
        assert isinstance(sampler, RuleSampler)
        self.rescue = Rescue(super().entrance(sampler), also=sampler.always_keeps)
        return self.rescue


def remote(
    state: str = "", *, sampled: bool = True, trace_id: int = 2**56 - 1
) -> Context:
    """Return the context of a request from another service."""
    flags = TraceFlags(1 if sampled else 0)
    entries = TraceState([("ot", state)] if state else [])
    caller = SpanContext(
        trace_id, 5, is_remote=True, trace_flags=flags, trace_state=entries
    )
    return trace.set_span_in_context(NonRecordingSpan(caller), Context())


def attribute(span: ReadableSpan, name: str) -> object:
    return (span.attributes or {}).get(name)


def estimate(spans: Iterable[ReadableSpan]) -> float:
    """Return the number of spans that some kept spans stand for."""
    return sum(float(str(attribute(span, COUNT))) for span in spans)
