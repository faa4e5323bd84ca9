# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Keep the traces that matter, by rules, and counts that stay true: `RuleSampler`.

Use: `sampler = RuleSampler(0.1, [Rule("health", 0, {"url.path": "/health*"})])`, then
`start_tracing("shop", sampler=sampler)`. Each span names the number of spans that it
stands for, so that counts can be extrapolated. `rescue.py` keeps failed traces too.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from sampling import Rule, RuleSampler

    sampler = RuleSampler(0.0, [Rule("named", 1, {"shop.customer.id": ["c-17"]})])
    trace.set_tracer_provider(provider := TracerProvider(sampler))
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))

    tracer = trace.get_tracer("shop")
    for customer in ("c-17", "c-18"):
        fields = {"shop.customer.id": customer}
        with tracer.start_as_current_span("order", attributes=fields):
            tracer.start_span("price").end()

You will see:
    order
        kit.sampling.rule = named
      price
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from opentelemetry import baggage, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceState
from opentelemetry.util.types import Attributes

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

PREFIX = "kit."  # of the attributes that no convention names: choose your own

_RULE = f"{PREFIX}sampling.rule"
_PROBABILITY = f"{PREFIX}sampling.probability"
_COUNT = f"{PREFIX}sampling.adjusted_count"
_ALL = 1 << 56  # the number of thresholds, and of values of a trace's randomness


@dataclass(frozen=True)
class Rule:
    """A part to keep of the traces that begin in this process with some attributes.

    Args:
        name: The value of `kit.sampling.rule` on spans.
        ratio: From 0 (none, not even with an error) to 1 (all).
        where: The expected value of each attribute, as "c-17", "/health*" or
            ["/health", "/ready"]. "name" is the span's own name. Only attributes count
            that the span has when it starts, or that come in as baggage: where anybody
            can send baggage, accept none, or they decide that their traces are kept.

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
        tests = {name: _matcher(values) for name, values in self.where.items()}
        object.__setattr__(self, "_tests", tests)

    def fits(self, attributes: Mapping[str, object]) -> bool:
        """Return whether the attributes of a span have the values of the rule."""
        for name, test in self._tests.items():
            if name not in attributes or not test(str(attributes[name])):
                return False
        return True


class RuleSampler(Sampler):
    """Decide where a trace enters this process; all spans below it follow.

    Args:
        ratio: The part to keep of the traces that no rule fits, from 0 to 1.
        rules: The first that fits decides.
        record_unsampled: True with `Rescue` of `rescue.py`: spans that are not kept
            are recorded, for it to hold. Otherwise they cost next to nothing.

    - A trace that begins here is kept by its rule's ratio, drawn from its id: other
      services draw the same.
    - A trace from another service is kept if that service keeps it, and dropped if it
      does not. Only a rule of ratio 1 keeps it in any case.

    Sampled spans carry their threshold in the trace state (`ot=th:…`), where collectors
    and other SDKs look for it. Every span has `kit.sampling.adjusted_count`, the number
    of spans that it stands for; the entry span also has `kit.sampling.rule` and
    `kit.sampling.probability`. A rescued span stands for 0, because the drawn spans
    already stand for it: the sum of the counts is an unbiased estimate of the number of
    spans, and of errors. A span has no count if the caller did not name its threshold.
    Sources: OpenTelemetry, "TraceState: Probability Sampling"; W3C Trace Context 2
    for the randomness of ids.

    >>> sampler = RuleSampler(0.1, [Rule("health", 0, {"url.path": "/health*"})])
    >>> sampler.get_description()
    'RuleSampler{health: 0, else: 0.1}'
    """

    def __init__(
        self,
        ratio: float,
        rules: Iterable[Rule] = (),
        *,
        record_unsampled: bool = False,
    ) -> None:
        _check(ratio, "RuleSampler")
        self._ratio = ratio
        self._rules = tuple(rules)
        self._always = tuple(rule for rule in self._rules if rule.ratio == 1)
        self._unsampled = Decision.RECORD_ONLY if record_unsampled else Decision.DROP

    def always_keeps(self, span: ReadableSpan) -> bool:
        """Return whether a rule of ratio 1 fits the attributes of an ended span."""
        attributes = {"name": span.name, **(span.attributes or {})}
        return any(rule.fits(attributes) for rule in self._always)

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
        """Follow a parent in this process; decide for a span without one."""
        parent = trace.get_current_span(parent_context)
        caller = parent.get_span_context()
        if caller.is_valid and not caller.is_remote:
            return self._follow(parent, caller, attributes)
        baggage_items = baggage.get_all(parent_context)
        fields = {"name": name, **baggage_items, **(attributes or {})}
        rule = next((rule for rule in self._rules if rule.fits(fields)), None)
        state = caller.trace_state if caller.is_valid else TraceState()
        if caller.is_valid and not (rule and rule.ratio == 1):
            return self._respect(caller, rule, attributes)
        return self._draw(trace_id, rule, state, attributes)

    def get_description(self) -> str:
        """Return the rules and their ratios."""
        rules = [f"{rule.name}: {rule.ratio}" for rule in self._rules]
        return f"RuleSampler{{{', '.join([*rules, f'else: {self._ratio}'])}}}"

    def _follow(
        self, parent: trace.Span, above: SpanContext, attributes: Attributes
    ) -> SamplingResult:
        """Decide as for the parent in this process."""
        if above.trace_flags.sampled:
            count = _count(_threshold(above.trace_state.get("ot", "")))
            return _keep(above.trace_state, count, attributes)
        # Below a parent that has ended it is too late to rescue anything.
        decision = self._unsampled if parent.is_recording() else Decision.DROP
        return _leave(decision, above.trace_state, attributes)

    def _respect(
        self, caller: SpanContext, rule: Rule | None, attributes: Attributes
    ) -> SamplingResult:
        """Decide as the calling service did; drop a threshold that cannot be true."""
        state = caller.trace_state
        if not caller.trace_flags.sampled:
            attributes = _of_entry(attributes, "parent", None)
            return self._not_drawn(rule, _with_threshold(state, None), attributes)
        ot = state.get("ot", "")
        threshold = _threshold(ot)
        if threshold is not None and _randomness(caller.trace_id, ot) < threshold:
            threshold, state = None, _with_threshold(state, None)
        attributes = _of_entry(attributes, "parent", threshold)
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
        attributes = _of_entry(attributes, rule.name if rule else "else", threshold)
        if _randomness(trace_id, state.get("ot", "")) < threshold:
            return self._not_drawn(rule, state, attributes)
        return _keep(_with_threshold(state, threshold), _count(threshold), attributes)

    def _not_drawn(
        self, rule: Rule | None, state: TraceState, attributes: Attributes
    ) -> SamplingResult:
        is_never_kept = rule is not None and rule.ratio == 0
        decision = Decision.DROP if is_never_kept else self._unsampled
        return _leave(decision, state, attributes)


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


def _check(ratio: float, owner: str) -> None:
    if not 0 <= ratio <= 1:
        raise ValueError(f"{owner}: ratio={ratio!r} is not from 0 (none) to 1 (all).")


def _matcher(values: str | Collection[str]) -> Callable[[str], object]:
    """Return a predicate that matches any of the values, such as "/health*"."""
    patterns = [values] if isinstance(values, str) else values
    return re.compile("|".join(map(fnmatch.translate, patterns)) or "(?!)").match


def _of_entry(attributes: Attributes, rule: str, threshold: int | None) -> Attributes:
    """Return an entry span's attributes, with its rule and its probability."""
    all_of_them = {**(attributes or {}), _RULE: rule}
    if threshold is not None:
        all_of_them[_PROBABILITY] = (_ALL - threshold) / _ALL
    return all_of_them


def _count(threshold: int | None) -> float | None:
    """Return the number of spans that a kept span stands for; None: unknown."""
    return None if threshold is None else _ALL / max(1, _ALL - threshold)


@functools.lru_cache(1024)
def _threshold(ot: str) -> int | None:
    """Return the threshold in OpenTelemetry's part of a trace state."""
    match = re.search(r"(?:^|;)th:([0-9a-fA-F]{1,14})(?:;|$)", ot)
    return int(match[1].ljust(14, "0"), 16) if match else None


def _randomness(trace_id: int, ot: str) -> int:
    """Return the 56 bits that every sampler of this trace compares with."""
    match = re.search(r"(?:^|;)rv:([0-9a-fA-F]{14})(?:;|$)", ot) if ot else None
    return int(match[1], 16) if match else trace_id % _ALL


def _with_threshold(state: TraceState, threshold: int | None) -> TraceState:
    """Return the trace state with this threshold, or without any."""
    if not state:
        return _only_threshold(threshold)
    parts = [p for p in state.get("ot", "").split(";") if p and p[:3] != "th:"]
    if threshold is not None:
        parts.insert(0, f"th:{_as_hex(threshold)}")
    if parts:
        return state.update("ot", ";".join(parts))
    return state.delete("ot") if "ot" in state else state


@functools.lru_cache(64)
def _only_threshold(threshold: int | None) -> TraceState:
    """Return a trace state with nothing else; it never changes, so one is enough."""
    if threshold is None:
        return TraceState()
    return TraceState([("ot", f"th:{_as_hex(threshold)}")])


def _as_hex(threshold: int) -> str:
    return f"{threshold:014x}".rstrip("0") or "0"
