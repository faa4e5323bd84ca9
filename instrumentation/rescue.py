# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Keep failed traces that were not sampled: `Rescue`.

Use: `start_tracing("shop", sampler=RecordUnsampled(sampler), wrap_batches=Rescue)`.
A failure cannot be known when a trace begins: spans that are not sampled wait in memory
until the request ends, and are sent after all if a span of it failed.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from opentelemetry.sdk.trace.sampling import TraceIdRatioBased
    from rescue import RecordUnsampled, Rescue

    sampler = RecordUnsampled(TraceIdRatioBased(0.0))
    trace.set_tracer_provider(provider := TracerProvider(sampler))
    batches = export.BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(Rescue(batches))

    tracer = trace.get_tracer("shop")
    for outcome in (trace.StatusCode.OK, trace.StatusCode.ERROR):
        with tracer.start_as_current_span(f"order {outcome.name}"):
            with tracer.start_as_current_span("pay") as pay:
                pay.set_status(outcome)

You will see:
    order ERROR
      pay
"""

from __future__ import annotations

import copy
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import (
    Link,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
)
from opentelemetry.util.types import Attributes

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

_CAPACITY = 10_000  # spans in memory, of requests that have not ended
# A span started: its id and its parent. Or it ended: its id, the span, and whether it
# matters.
_News = tuple[int, SpanContext | None, ReadableSpan | None, bool]


class RecordUnsampled(Sampler):
    """Record the spans that another sampler drops, so that `Rescue` can hold them.

    Args:
        sampler: Any sampler. `RuleSampler` of `sampling.py` needs no wrapper: it has an
            option `record_unsampled`, which spares the traces of rules with ratio 0.

    >>> from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
    >>> RecordUnsampled(ALWAYS_OFF).get_description()
    'RecordUnsampled{AlwaysOffSampler}'
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Ask the other sampler, and record instead of dropping."""
        result = self._sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )
        parent = trace.get_current_span(parent_context)
        context = parent.get_span_context()
        # Below a parent in this process that has ended it is too late to rescue.
        is_late = (
            context.is_valid and not context.is_remote and not parent.is_recording()
        )
        if result.decision is not Decision.DROP or is_late:
            return result
        return SamplingResult(Decision.RECORD_ONLY, attributes, result.trace_state)

    def get_description(self) -> str:
        """Return the name of the other sampler."""
        return f"RecordUnsampled{{{self._sampler.get_description()}}}"


class Rescue(SpanProcessor):
    """Hold spans that are not sampled until their request ends; send the failed ones.

    Args:
        batches: The processor that gets sampled and rescued spans.
        also: A second reason to rescue, besides a span with an error: returns whether
            an ended span matters. `sampler.always_keeps` of a `RuleSampler` rescues
            the traces whose attributes fit a rule of ratio 1, even if set late.

    It rescues this process's part of a trace. The services that it called know that the
    trace is not sampled, and rescue only their own failures. At most 10,000 spans are
    held; beyond that the oldest are forgotten.

    >>> from opentelemetry.sdk.trace.export import (
    ...     ConsoleSpanExporter, SimpleSpanProcessor)
    >>> Rescue(SimpleSpanProcessor(ConsoleSpanExporter())).force_flush()
    True
    """

    def __init__(
        self,
        batches: SpanProcessor,
        also: Callable[[ReadableSpan], bool] | None = None,
    ) -> None:
        self._batches = batches
        self._also = also
        self._forget()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """Hold nothing; also in a forked child: the parent holds its own spans."""
        # Starts and ends, in their order. No thread waits for the lock: if it is taken,
        # its owner does the work, even if that is this thread. The garbage collector
        # may run a finalizer that ends a span at any time.
        self._news: deque[_News] = deque(maxlen=2 * _CAPACITY)
        self._working = threading.Lock()
        self._open: dict[int, _Entry] = {}  # by the ids of spans that have not ended
        self._holding: dict[int, _Entry] = {}  # by the ids of entry spans, oldest first
        self._held = 0  # spans, in all entries

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Note to which request a span belongs, if it is not sampled."""
        self._batches.on_start(span, parent_context)
        context = span.get_span_context()
        if not context.trace_flags.sampled:
            self._news.append((context.span_id, span.parent, None, False))
            self._work()

    def _on_ending(self, span: Span) -> None:
        # Private: the SDK has no public name for it; without it this does nothing.
        getattr(self._batches, "_on_ending", lambda _: None)(span)

    def on_end(self, span: ReadableSpan) -> None:
        """Pass a sampled span on; hold, rescue or forget the others."""
        if span.context.trace_flags.sampled:
            self._batches.on_end(span)
            return
        matters = span.status.status_code is StatusCode.ERROR
        matters = matters or (self._also is not None and self._also(span))
        self._news.append((span.context.span_id, None, span, matters))
        self._work()

    def _work(self) -> None:
        """Handle the news, unless a caller further up or another thread does."""
        while self._news and self._working.acquire(blocking=False):
            try:
                while self._news:
                    span_id, parent, ended, matters = self._news.popleft()
                    if ended is None:
                        self._began(span_id, parent)
                        continue
                    for span in self._ended(span_id, ended, matters=matters):
                        self._batches.on_end(_as_sampled(span))
            finally:
                self._working.release()

    def _began(self, span_id: int, parent: SpanContext | None) -> None:
        entry = self._open.get(parent.span_id) if parent else None
        self._open[span_id] = entry or _Entry(span_id)
        if len(self._open) > _CAPACITY:  # spans that the application never ends
            del self._open[next(iter(self._open))]

    def _ended(
        self, span_id: int, span: ReadableSpan, *, matters: bool
    ) -> list[ReadableSpan]:
        """Return the spans to send now that `span` has ended."""
        entry = self._open.pop(span_id, None) or _Entry(span_id)
        entry.is_rescued = entry.is_rescued or matters
        if entry.is_rescued:
            return [*self._release(entry), span]
        if span_id == entry.span_id:
            entry.is_over = True
            self._release(entry)
        elif not entry.is_over:
            self._hold(entry, span)
        return []

    def _hold(self, entry: _Entry, span: ReadableSpan) -> None:
        entry.spans.append(span)
        self._holding[entry.span_id] = entry
        self._held += 1
        while self._held > _CAPACITY:
            self._release(next(iter(self._holding.values())))

    def _release(self, entry: _Entry) -> list[ReadableSpan]:
        """Return the spans of an entry, and hold them no more."""
        spans, entry.spans = entry.spans, []
        self._holding.pop(entry.span_id, None)
        self._held -= len(spans)
        return spans

    def shutdown(self) -> None:
        """End the processor behind."""
        self._batches.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Flush the processor behind; spans that are held stay."""
        return self._batches.force_flush(timeout_millis)


class _Entry:
    """The spans of this process below an entry span that is not sampled."""

    def __init__(self, span_id: int) -> None:
        self.span_id = span_id
        self.spans: list[ReadableSpan] = []
        self.is_rescued = False
        self.is_over = False


def _as_sampled(span: ReadableSpan) -> ReadableSpan:
    """Return a copy that processors and exporters take for a sampled span."""
    old = span.context
    flags = TraceFlags(old.trace_flags | TraceFlags.SAMPLED)
    context = SpanContext(
        old.trace_id, old.span_id, old.is_remote, flags, old.trace_state
    )
    # Private: a span made by the constructor loses its counts of dropped parts.
    if hasattr(span, "_context"):
        sampled = copy.copy(span)
        sampled._context = context
        return sampled
    parts: dict[str, Any] = {name: getattr(span, name) for name in _PARTS}
    return ReadableSpan(context=context, **parts)


_PARTS = (
    "name",
    "parent",
    "resource",
    "attributes",
    "events",
    "links",
    "kind",
    "status",
    "start_time",
    "end_time",
    "instrumentation_scope",
)
