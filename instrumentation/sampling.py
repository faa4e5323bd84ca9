# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Keep the traces that matter: by rule when they begin, and where an error occurs.

Use: `sampler = RuleSampler(0.1, [Rule("health", 0, {"url.path": "/health*"})])`, then
`start_tracing("shop", sampler=sampler, wrap_batches=sampler.rescue)`. Each span says
how many it stands for, so that counts can be extrapolated.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.1.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from sampling import Rule, RuleSampler

    sampler = RuleSampler(0.0, [Rule("named", 1, {"shop.customer.id": ["c-17"]})])
    trace.set_tracer_provider(provider := TracerProvider(sampler))
    batches = export.BatchSpanProcessor(OTLPSpanExporter())
    provider.add_span_processor(sampler.rescue(batches))

    tracer = trace.get_tracer("shop")
    for customer in ("c-17", "c-18"):
        known = {"shop.customer.id": customer}
        with tracer.start_as_current_span("order", attributes=known):
            tracer.start_span("price").end()

You will see:
    order
        kit.sampling.rule = named
      price
"""

from __future__ import annotations

import copy
import fnmatch
import functools
import os
import re
import threading
import weakref
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry import baggage, trace
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

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_ALL = 1 << 56  # the number of thresholds, and of values that a trace's randomness has
_HELD = 10_000  # spans in memory, of traces of which it is not known yet
_COUNT = "kit.sampling.adjusted_count"


@dataclass(frozen=True)
class Rule:
    """Say which part of the traces to keep that begin in this process with `where`.

    Args:
        name: What spans show as `kit.sampling.rule`.
        ratio: From 0 (none, not even with an error) to 1 (all).
        where: What each of these attributes has to be, as "c-17", "/health*" or
            ["/health", "/ready"]. "name" is the span's own name. An attribute counts
            that is given when the span starts, or comes in as baggage: where anybody
            can send baggage, let none in, or everybody's traces can be kept.

    Raises:
        ValueError: if `ratio` is not from 0 to 1, or `where` is empty.

    >>> Rule("checkout", 0.5, {"url.path": ["/orders", "/orders/*"]}).ratio
    0.5
    """

    name: str
    ratio: float
    where: Mapping[str, str | Collection[str]]
    _tests: dict[str, Callable[[str], object]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        _check(self.ratio, f"Rule {self.name!r}")
        if not self.where:
            raise ValueError(
                f"Rule {self.name!r} has no condition: give its ratio to RuleSampler."
            )
        tests = {name: _one_of(wanted) for name, wanted in self.where.items()}
        object.__setattr__(self, "_tests", tests)

    def fits(self, known: Mapping[str, object]) -> bool:
        """Say whether what is known of a span is what the rule is for."""
        for name, test in self._tests.items():
            if name not in known or not test(str(known[name])):
                return False
        return True


class RuleSampler(Sampler):
    """Decide where a trace comes into this process; all spans below it follow.

    Args:
        ratio: The part of the traces to keep that no rule is for, from 0 to 1.
        rules: The first that fits decides.

    - A trace that begins here is kept by its rule's ratio, drawn from its id: other
      services draw the same.
    - One that comes from another service is kept if that service keeps it, and
      dropped if it does not; only a rule of ratio 1 keeps it in any case.
    - What is not kept is not recorded: that is cheap. With `rescue` it is recorded,
      held in memory until its entry span ends, and sent after all if a span of it
      ended with an error, or with attributes that a rule of ratio 1 is for.

    The sampled spans carry their threshold in the trace state (`ot=th:…`), where
    collectors and other SDKs look for it, and as attributes: every span has
    `kit.sampling.adjusted_count`, the number of spans that it stands for; the entry
    span also `kit.sampling.rule` and `kit.sampling.probability`. What was rescued
    stands for 0, because what was drawn already stands for it: the sum of the counts
    is an unbiased estimate of how many there were, of errors too. A span without a
    count comes from a caller that did not say how it drew.
    Sources: OpenTelemetry, "TraceState: Probability Sampling"; W3C Trace Context 2
    for the randomness of ids.

    >>> sampler = RuleSampler(0.1, [Rule("health", 0, {"url.path": "/health*"})])
    >>> sampler.get_description()
    'RuleSampler{health: 0, else: 0.1}'
    """

    def __init__(self, ratio: float, rules: Iterable[Rule] = ()) -> None:
        _check(ratio, "RuleSampler")
        self._ratio = ratio
        self._rules = tuple(rules)
        self._always = tuple(rule for rule in self._rules if rule.ratio == 1)
        self._unsampled = Decision.DROP

    def rescue(self, batches: SpanProcessor) -> SpanProcessor:
        """Return a processor that stands before `batches` and rescues errors.

        Only this process's part of the trace can be rescued: the services that it
        called were told that the trace is not sampled, and rescue only what fails
        there. At most 10,000 spans are held; beyond that the oldest are forgotten.
        """
        self._unsampled = Decision.RECORD_ONLY
        return _Rescue(batches, self._matters)

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
        """Follow the parent in this process; decide for a span that has none here."""
        parent = trace.get_current_span(parent_context)
        above = parent.get_span_context()
        if above.is_valid and not above.is_remote:
            return self._follow(parent, above, attributes)
        known = {"name": name, **baggage.get_all(parent_context), **(attributes or {})}
        rule = next((rule for rule in self._rules if rule.fits(known)), None)
        state = above.trace_state if above.is_valid else TraceState()
        if above.is_valid and not (rule and rule.ratio == 1):
            return self._respect(above, rule, attributes)
        return self._draw(trace_id, rule, state, attributes)

    def get_description(self) -> str:
        """Name the rules and their ratios."""
        rules = [f"{rule.name}: {rule.ratio}" for rule in self._rules]
        return f"RuleSampler{{{', '.join([*rules, f'else: {self._ratio}'])}}}"

    def _follow(
        self, parent: trace.Span, above: SpanContext, attributes: Attributes
    ) -> SamplingResult:
        """Do as the parent in this process does."""
        if above.trace_flags.sampled:
            count = _count(_threshold(above.trace_state.get("ot", "")))
            return _keep(above.trace_state, count, attributes)
        # A parent that has ended is decided upon: it is too late to rescue anything.
        recorded = self._unsampled if parent.is_recording() else Decision.DROP
        return _leave(recorded, above.trace_state, attributes)

    def _respect(
        self, above: SpanContext, rule: Rule | None, attributes: Attributes
    ) -> SamplingResult:
        """Do as the calling service does, if what it says of its draw can be true."""
        state = above.trace_state
        if not above.trace_flags.sampled:
            never = rule is not None and rule.ratio == 0
            decision = Decision.DROP if never else self._unsampled
            attributes = _with_entry(attributes, "parent", None)
            return _leave(decision, _with_threshold(state, None), attributes)
        said = state.get("ot", "")
        threshold = _threshold(said)
        if threshold is not None and _randomness(above.trace_id, said) < threshold:
            threshold, state = None, _with_threshold(state, None)
        attributes = _with_entry(attributes, "parent", threshold)
        return _keep(state, _count(threshold), attributes)

    def _draw(
        self,
        trace_id: int,
        rule: Rule | None,
        state: TraceState,
        attributes: Attributes,
    ) -> SamplingResult:
        """Decide by the ratio of the rule, with the randomness of the trace's id."""
        ratio = self._ratio if rule is None else rule.ratio
        threshold = _ALL - round(ratio * _ALL)
        name = rule.name if rule else "else"
        attributes = _with_entry(attributes, name, threshold)
        if _randomness(trace_id, state.get("ot", "")) >= threshold:
            state = _with_threshold(state, threshold)
            return _keep(state, _count(threshold), attributes)
        never = rule is not None and rule.ratio == 0
        return _leave(Decision.DROP if never else self._unsampled, state, attributes)

    def _matters(self, span: ReadableSpan) -> bool:
        """Say whether a span that ended has to be kept for what it became."""
        if span.status.status_code is StatusCode.ERROR:
            return True
        known = {"name": span.name, **(span.attributes or {})}
        return any(rule.fits(known) for rule in self._always)


class _Entry:
    """What happens in this process below one span that came in and was not sampled."""

    def __init__(self, span_id: int) -> None:
        self.span_id = span_id
        self.spans: list[ReadableSpan] = []
        self.is_kept = False
        self.is_over = False


class _Rescue(SpanProcessor):
    """Holds spans that are not sampled until it is known whether they matter."""

    def __init__(
        self, batches: SpanProcessor, matters: Callable[[ReadableSpan], bool]
    ) -> None:
        self._next = batches
        self._matters = matters
        self._forget()
        if hasattr(os, "register_at_fork"):
            myself = weakref.ref(self)
            os.register_at_fork(after_in_child=lambda: _forget(myself()))

    def _forget(self) -> None:
        """Hold nothing: in a forked child, what its parent holds is the parent's."""
        # What began and ended, in this order. Nobody waits for the lock: who finds it
        # taken leaves its work to the one at work, which can be itself. The garbage
        # collector may run a finalizer that ends a span at any time.
        self._news: deque[tuple[int, SpanContext | None, ReadableSpan | None, bool]]
        self._news = deque(maxlen=2 * _HELD)
        self._at_work = threading.Lock()
        self._open: dict[int, _Entry] = {}  # by the ids of spans that have not ended
        self._holding: dict[int, _Entry] = {}  # by the ids of entries, oldest first
        self._held = 0

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        self._next.on_start(span, parent_context)
        context = span.get_span_context()
        if context.trace_flags.sampled:
            return
        self._news.append((context.span_id, span.parent, None, False))
        self._work()

    def _on_ending(self, span: Span) -> None:
        self._next._on_ending(span)

    def on_end(self, span: ReadableSpan) -> None:
        if span.context.trace_flags.sampled:
            self._next.on_end(span)
            return
        self._news.append((span.context.span_id, None, span, self._matters(span)))
        self._work()

    def _work(self) -> None:
        """Do what there is to do, unless that is being done."""
        while self._news and self._at_work.acquire(blocking=False):
            try:
                while self._news:
                    own, above, ended, matters = self._news.popleft()
                    if ended is None:
                        self._began(own, above)
                        continue
                    for one in self._ended(own, ended, matters=matters):
                        self._next.on_end(_as_sampled(one))
            finally:
                self._at_work.release()

    def _began(self, own: int, above: SpanContext | None) -> None:
        entry = self._open.get(above.span_id) if above else None
        self._open[own] = entry or _Entry(own)
        if len(self._open) > _HELD:  # spans that nobody ends
            del self._open[next(iter(self._open))]

    def _ended(
        self, own: int, span: ReadableSpan, *, matters: bool
    ) -> list[ReadableSpan]:
        """Return what is to be sent now that `span` has ended."""
        entry = self._open.pop(own, None) or _Entry(own)
        entry.is_kept = entry.is_kept or matters
        if entry.is_kept:
            return [*self._let_go(entry), span]
        if span.context.span_id == entry.span_id:
            entry.is_over = True
            self._let_go(entry)
        elif not entry.is_over:
            self._hold(entry, span)
        return []

    def _hold(self, entry: _Entry, span: ReadableSpan) -> None:
        entry.spans.append(span)
        self._holding[entry.span_id] = entry
        self._held += 1
        while self._held > _HELD:
            self._let_go(next(iter(self._holding.values())))

    def _let_go(self, entry: _Entry) -> list[ReadableSpan]:
        """Return what was held of an entry, and hold it no more."""
        spans, entry.spans = entry.spans, []
        self._holding.pop(entry.span_id, None)
        self._held -= len(spans)
        return spans

    def shutdown(self) -> None:
        self._next.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._next.force_flush(timeout_millis)


def _forget(rescue: _Rescue | None) -> None:
    if rescue is not None:
        rescue._forget()


def _as_sampled(span: ReadableSpan) -> ReadableSpan:
    """Return a copy that processors and exporters take for a sampled span."""
    trace_id, span_id, is_remote, flags, state, _ = span.context
    flags = TraceFlags(flags | TraceFlags.SAMPLED)
    kept = copy.copy(span)  # the constructor would lose what it says was dropped
    kept._context = SpanContext(trace_id, span_id, is_remote, flags, state)
    return kept


def _keep(
    state: TraceState, count: float | None, attributes: Attributes
) -> SamplingResult:
    if count is not None:
        attributes = {**(attributes or {}), _COUNT: count}
    return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes, state)


def _leave(
    decision: Decision, state: TraceState, attributes: Attributes
) -> SamplingResult:
    if decision is Decision.DROP:
        return SamplingResult(decision, None, state)
    return SamplingResult(decision, {**(attributes or {}), _COUNT: 0.0}, state)


def _check(ratio: float, what: str) -> None:
    if not 0 <= ratio <= 1:
        raise ValueError(f"{what}: ratio={ratio!r} is not from 0 (none) to 1 (all).")


def _one_of(wanted: str | Collection[str]) -> Callable[[str], object]:
    """Return what says whether a text is one of `wanted`, as "/health*"."""
    several = [wanted] if isinstance(wanted, str) else wanted
    return re.compile("|".join(map(fnmatch.translate, several)) or "(?!)").match


def _with_entry(given: Attributes, rule: str, threshold: int | None) -> Attributes:
    """Return an entry span's attributes, with what decided and how probable it was."""
    found = {**(given or {}), "kit.sampling.rule": rule}
    if threshold is not None:
        found["kit.sampling.probability"] = (_ALL - threshold) / _ALL
    return found


def _count(threshold: int | None) -> float | None:
    """Return how many spans one stands for; None if that is unknown."""
    return None if threshold is None else _ALL / max(1, _ALL - threshold)


@functools.lru_cache(1024)
def _threshold(ot: str) -> int | None:
    """Return the threshold in what a trace state has for OpenTelemetry."""
    found = re.search(r"(?:^|;)th:([0-9a-fA-F]{1,14})(?:;|$)", ot)
    return int(found[1].ljust(14, "0"), 16) if found else None


def _randomness(trace_id: int, ot: str) -> int:
    """Return the 56 bits that every sampler of this trace compares with."""
    found = re.search(r"(?:^|;)rv:([0-9a-fA-F]{14})(?:;|$)", ot) if ot else None
    return int(found[1], 16) if found else trace_id % _ALL


def _with_threshold(state: TraceState, threshold: int | None) -> TraceState:
    """Return the trace state with this threshold, or without any."""
    if not state:
        return _only(threshold)
    rest = [one for one in state.get("ot", "").split(";") if one and one[:3] != "th:"]
    if threshold is not None:
        rest.insert(0, f"th:{_as_hex(threshold)}")
    if rest:
        return state.update("ot", ";".join(rest))
    return state.delete("ot") if "ot" in state else state


@functools.lru_cache(64)
def _only(threshold: int | None) -> TraceState:
    """Return a trace state that holds nothing else, made once: it never changes."""
    if threshold is None:
        return TraceState()
    return TraceState([("ot", f"th:{_as_hex(threshold)}")])


def _as_hex(threshold: int) -> str:
    return f"{threshold:014x}".rstrip("0") or "0"
