# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Feature flags on spans: compare those who have the new code with those who have not.

Use: `start_tracing("shop", processors=[FlagFields()])`; then, with OpenFeature,
`api.add_hooks([FlagHook()])`, else `record_flag("new-checkout", variant="on")`. The
variant lands on the current span, on this service's entry span, and on every later span
here.
Needs: pip install opentelemetry-sdk~=1.45
With OpenFeature also: openfeature-sdk~=0.10.
From the tracing starter kit 0.1.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from flags import FlagFields, record_flag
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(FlagFields())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))

    tracer = trace.get_tracer("shop")
    with tracer.start_as_current_span("order"):
        record_flag("new-checkout", variant="on", reason="targeting_match")
        tracer.start_span("price").end()

You will see:
    order
        kit.flag.new-checkout = on
      price
        kit.flag.new-checkout = on
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary, ref

from opentelemetry import trace
from opentelemetry._logs import LoggerProvider, SeverityNumber
from opentelemetry.context import Context
from opentelemetry.sdk.trace import Span, SpanProcessor

try:
    from openfeature.hook import Hook
except ImportError:  # record_flag() does without
    Hook = object  # type: ignore[assignment,misc]

__tracing_helper__ = True  # CodeLocation looks past frames of this file

Value: TypeAlias = str | bool | int | float

_MOST = 32  # flags on a span, and evaluations of one entry span as events
_LONGEST = 64  # characters of a variant's name; longer ones are cut


def record_flag(
    key: str,
    *,
    variant: str | None = None,
    value: object = None,
    reason: str | None = None,
    provider: str | None = None,
    context_id: str | None = None,
    set_id: str | None = None,
    version: str | None = None,
    error: str | None = None,
    error_message: str | None = None,
) -> None:
    """Say which variant of a feature flag this code runs under.

    Args:
        key: The flag's name; the spans get `kit.flag.<key>`.
        variant: The name of what was chosen, such as "on"; else give `value`.
        value: What was chosen. Shown without a variant only, and only if it is a bool
            or one that `FlagFields(variants=…)` allows: values can be private.
        reason: Why, as "targeting_match", "split", "default" …
        provider: Who chose, as "flagd".
        context_id: Whom it was chosen for. It names a person: give it with care.
        set_id: The set of flags that it belongs to.
        version: That of the rules.
        error: The kind of what went wrong, as "flag_not_found".
        error_message: What went wrong.

    The evaluation itself becomes an event `feature_flag.evaluation`, with the names of
    the convention: on the current span once per result, or, see FlagFields, as a log
    record each time, also where no span is recorded.
    Source: semantic conventions, "Feature flags in events".

    >>> record_flag("new-checkout", variant="on", reason="split", provider="flagd")
    """
    variant = variant and variant[:_LONGEST]
    shown = _settings._shown(key, variant, value)
    evaluation = {
        "feature_flag.key": key,
        "feature_flag.result.variant": variant,
        "feature_flag.result.value": shown if variant is None else None,
        "feature_flag.result.reason": (reason or "unknown").lower(),
        "feature_flag.provider.name": provider,
        "feature_flag.context.id": context_id,
        "feature_flag.set.id": set_id,
        "feature_flag.version": version,
        "error.type": error and error.lower(),
        "feature_flag.error.message": error_message,
    }
    given = {name: one for name, one in evaluation.items() if one is not None}
    _settings._record(key, shown, given)


class FlagFields(SpanProcessor):
    """Carry the variants through this process, from where they are chosen.

    Args:
        variants: Which may be shown of each flag, as {"price-test": ["9", "12"]}: one
            that is not listed is shown as "other", and a flag that is not listed, not
            at all. Default: of every flag its variant, or its value if that is a bool.
        logs: Write each evaluation as a log record to this provider, as the convention
            asks for, instead of as an event of the span.

    One per process; a new one replaces the one before. At most 32 flags are on a span.
    A flag that changes within a trace is on the entry span with what was chosen last.

    >>> from opentelemetry.sdk.trace import TracerProvider
    >>> TracerProvider().add_span_processor(FlagFields({"price-test": ["9", "12"]}))
    """

    def __init__(
        self,
        variants: Mapping[str, Collection[str]] | None = None,
        *,
        logs: LoggerProvider | None = None,
    ) -> None:
        global _settings
        self._variants = variants
        self._logger = logs.get_logger("flags") if logs else None
        _settings = self

    def _shown(self, key: str, variant: str | None, value: object) -> Value | None:
        """Return what spans may show of a choice, or None."""
        chosen = value if variant is None else variant
        if not isinstance(chosen, str | bool | int | float):
            return None  # an object can hold anything
        if self._variants is None:
            by_itself = variant is not None or isinstance(chosen, bool)
            return chosen if by_itself else None
        allowed = self._variants.get(key)
        if allowed is None:
            return None
        return chosen if _as_text(chosen) in allowed else "other"

    def _record(
        self, key: str, shown: Value | None, evaluation: dict[str, Value]
    ) -> None:
        """Write an evaluation where this process wants it, and `shown` on the spans."""
        span = trace.get_current_span()
        if self._logger is not None:
            self._logger.emit(
                event_name="feature_flag.evaluation",
                severity_number=SeverityNumber.INFO,
                attributes=evaluation,
            )
        if not span.is_recording():
            return
        journey = _journeys.setdefault(span, _Journey(span))
        if self._logger is None and journey.is_new(evaluation):
            span.add_event("feature_flag.evaluation", evaluation)
        if shown is not None:
            journey.set_flag(span, f"kit.flag.{key}", shown)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Give a new span what is known so far, or begin anew with an entry span."""
        journey = _journeys.get(trace.get_current_span(parent_context))
        if journey is None:
            journey = _Journey(span)
        _journeys[span] = journey
        if journey.flags:
            span.set_attributes(journey.flags.copy())


class FlagHook(Hook):
    """Records every evaluation by OpenFeature: `api.add_hooks([FlagHook()])`.

    Args:
        context_id: Also say for whom (the targeting key). It names a person.

    Raises:
        ImportError: if openfeature-sdk is not installed.

    >>> from openfeature import api
    >>> api.add_hooks([FlagHook(context_id=True)])
    >>> api.clear_hooks()
    """

    def __init__(self, *, context_id: bool = False) -> None:
        if Hook is object:
            raise ImportError("FlagHook needs OpenFeature: pip install openfeature-sdk")
        self._context_id = context_id

    def finally_after(self, hook_context: Any, details: Any, hints: Any) -> None:
        """Record what came out, whether it went well or not."""
        metadata, provider = details.flag_metadata, hook_context.provider_metadata
        context = hook_context.evaluation_context
        person = metadata.get("contextId") or context.targeting_key
        record_flag(
            details.flag_key,
            variant=details.variant,
            value=details.value,
            reason=details.reason,
            provider=provider and provider.name,
            context_id=_as_text(person) if self._context_id else None,
            set_id=_as_text(metadata.get("flagSetId")),
            version=_as_text(metadata.get("version")),
            error=details.error_code,
            error_message=details.error_message,
        )


class _Journey:
    """One trace's way through this process: its entry span, and its flags.

    There is no lock here: the garbage collector may run a finalizer that records a flag
    at any time. `flags` is changed, and copied by who reads it, in one step.
    """

    def __init__(self, entry: trace.Span) -> None:
        self.entry = ref(entry)  # weak: _journeys must not keep its own keys alive
        self.flags: dict[str, Value] = {}
        self._room = iter(range(_MOST))
        self._seen: set[tuple[object, ...]] = set()

    def is_new(self, evaluation: dict[str, Value]) -> bool:
        """Say whether there is no event with this result yet, but room for one."""
        result = tuple(evaluation.values())
        if result in self._seen or len(self._seen) >= _MOST:
            return False
        self._seen.add(result)
        return True

    def set_flag(self, span: trace.Span, name: str, shown: Value) -> None:
        if name not in self.flags and next(self._room, None) is None:
            return
        self.flags[name] = shown
        span.set_attribute(name, shown)
        entry = self.entry()
        if entry is not None and entry is not span and entry.is_recording():
            entry.set_attribute(name, shown)


def _as_text(value: object) -> str | None:
    """Return text as it is, and what else is chosen as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


_journeys: WeakKeyDictionary[trace.Span, _Journey] = WeakKeyDictionary()
_settings = FlagFields()  # what holds until there is one of your own
