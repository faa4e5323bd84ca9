# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Feature flags on spans: compare requests with the new code and with the old code.

Use: `start_tracing("shop", processors=[FlagFields()])`; then, with OpenFeature,
`api.add_hooks([FlagHook()])`, else `record_flag("new-checkout", variant="on")`. The
variant goes on the current span, on this service's entry span and on every later span
here.
Needs: pip install opentelemetry-sdk~=1.45
With OpenFeature also: openfeature-sdk~=0.10.
From the tracing starter kit 0.2.0.

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
except ImportError:  # record_flag() works without it
    Hook = object  # type: ignore[assignment,misc]

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

PREFIX = "kit."  # of the attributes that no convention names: choose your own

Value: TypeAlias = str | bool | int | float

_FLAG_LIMIT = 32  # flags on a span, and evaluations of one entry span as events
_NAME_LIMIT = 64  # characters of a variant's name; longer names are cut


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
    """Record the variant of a feature flag that this code runs under.

    Args:
        key: The flag's name; the spans get `kit.flag.<key>`.
        variant: The name of the variant, such as "on". Without one, pass `value`.
        value: The flag's value. It is shown only without a variant, and only if it is
            a bool or `FlagFields(variants=…)` allows it: values can be private.
        reason: The reason, such as "targeting_match", "split" or "default".
        provider: The flag system, such as "flagd".
        context_id: The person that the flag was evaluated for: set it with care.
        set_id: The set of flags that this flag belongs to.
        version: The version of the flag's rules.
        error: The kind of error, such as "flag_not_found".
        error_message: The message of the error.

    The evaluation itself becomes an event `feature_flag.evaluation` with the names of
    the convention, on the current span and once per result. With `FlagFields(logs=…)`
    it becomes a log record each time, also without a recording span.
    Source: semantic conventions, "Feature flags in events".

    >>> record_flag("new-checkout", variant="on", reason="split", provider="flagd")
    """
    variant = variant and variant[:_NAME_LIMIT]
    label = _settings._label(key, variant, value)
    evaluation = {
        "feature_flag.key": key,
        "feature_flag.result.variant": variant,
        "feature_flag.result.value": label if variant is None else None,
        "feature_flag.result.reason": (reason or "unknown").lower(),
        "feature_flag.provider.name": provider,
        "feature_flag.context.id": context_id,
        "feature_flag.set.id": set_id,
        "feature_flag.version": version,
        "error.type": error and error.lower(),
        "feature_flag.error.message": error_message,
    }
    fields = {name: item for name, item in evaluation.items() if item is not None}
    _settings._record(key, label, fields)


class FlagFields(SpanProcessor):
    """Sets the variants of all evaluated flags on each new span of this process.

    Args:
        variants: The variants of each flag that spans may show, such as
            {"price-test": ["9", "12"]}. Any other variant is shown as "other", and a
            flag that is not listed is not shown. Default: the variant of each flag, or
            its value if that is a bool.
        logs: Write each evaluation as a log record to this provider, as the convention
            asks, instead of as a span event.

    Create one per process: a second one replaces the first. A span has at most 32
    flags. The entry span shows the last variant of a flag that changes within a trace.

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

    def _label(self, key: str, variant: str | None, value: object) -> Value | None:
        """Return the variant or value that spans may show, or None."""
        label = value if variant is None else variant
        if not isinstance(label, str | bool | int | float):
            return None  # an object can hold anything
        if self._variants is None:
            is_public = variant is not None or isinstance(label, bool)
            return label if is_public else None
        allowed = self._variants.get(key)
        if allowed is None:
            return None
        return label if _as_text(label) in allowed else "other"

    def _record(
        self, key: str, label: Value | None, evaluation: dict[str, Value]
    ) -> None:
        """Write an evaluation as an event or a log record, and `label` on the spans."""
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
        if label is not None:
            journey.set_flag(span, f"{PREFIX}flag.{key}", label)

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set the journey's flags on a new span; an entry span begins a journey."""
        journey = _journeys.get(trace.get_current_span(parent_context))
        if journey is None:
            journey = _Journey(span)
        _journeys[span] = journey
        if journey.flags:
            span.set_attributes(journey.flags.copy())


class FlagHook(Hook):
    """Records every evaluation by OpenFeature: `api.add_hooks([FlagHook()])`.

    Args:
        context_id: Also record the targeting key. It names a person.

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
        """Record the result of an evaluation, successful or not."""
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
    """The part of a trace in this process: its entry span and its flags.

    It has no lock: the garbage collector may run a finalizer that records a flag at any
    time. `flags` is changed, and copied before it is read, in single atomic steps.
    """

    def __init__(self, entry: trace.Span) -> None:
        self.entry = ref(entry)  # weak: _journeys must not keep its own keys alive
        self.flags: dict[str, Value] = {}
        self._slots = iter(range(_FLAG_LIMIT))
        self._results: set[tuple[object, ...]] = set()

    def is_new(self, evaluation: dict[str, Value]) -> bool:
        """Return whether this result has no event yet and there is room for one."""
        result = tuple(evaluation.values())
        if result in self._results or len(self._results) >= _FLAG_LIMIT:
            return False
        self._results.add(result)
        return True

    def set_flag(self, span: trace.Span, name: str, label: Value) -> None:
        if name not in self.flags and next(self._slots, None) is None:
            return
        self.flags[name] = label
        span.set_attribute(name, label)
        entry = self.entry()
        if entry is not None and entry is not span and entry.is_recording():
            entry.set_attribute(name, label)


def _as_text(value: object) -> str | None:
    """Return text as it is, and a number or bool as JSON writes it."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


_journeys: WeakKeyDictionary[trace.Span, _Journey] = WeakKeyDictionary()
_settings = FlagFields()  # until you create one
