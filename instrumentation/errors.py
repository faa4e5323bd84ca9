# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Errors on spans: each recorded once, where it happened; expected ones not at all.

Use: `except TimeoutError as error: record_error(error)`, and `expected(CardDeclined)`
for exceptions that are an answer rather than a failure. Add `ExceptionSignal()` to the
span processors on the day you move exceptions from span events to log records.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from errors import expected, record_error
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))

    class CardDeclined(Exception): ...

    expected(CardDeclined)
    with trace.get_tracer("shop").start_as_current_span("deliver receipt"):
        try:
            raise TimeoutError("no answer from the mail server")
        except TimeoutError as error:
            record_error(error)

You will see:
    deliver receipt
        error.type = TimeoutError
"""

from __future__ import annotations

import contextlib
import functools
import os
import time
import traceback
from collections.abc import Mapping
from weakref import ref

from opentelemetry import trace
from opentelemetry._logs import LoggerProvider, SeverityNumber, get_logger
from opentelemetry.context import Context
from opentelemetry.sdk import trace as sdk
from opentelemetry.trace import Span, StatusCode

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames


def record_error(exc: BaseException, span: Span | None = None) -> None:
    """Record on `span` (default: the current one) that it failed because of `exc`.

    The span's status becomes ERROR with the plain message, and `error.type` names
    the class. The exception itself, with its stack trace, becomes an event on the
    first span of the trace that sees it, and on no other: the conventions ask for
    one record, and formatting a stack trace is the expensive part. Each stack, also
    that of a cause, keeps its innermost 50 frames. This never raises.
    Source: semantic conventions, "Recording errors" and "Exceptions on spans".

    >>> try:
    ...     int("twelve")
    ... except ValueError as error:
    ...     record_error(error)
    """
    _record_error(trace.get_current_span() if span is None else span, exc)


def expected(*types: type[BaseException]) -> None:
    """Declare that exception classes `types`, and their subclasses, are not errors.

    A span keeps its status when such an exception passes through it: a declined card
    is an answer of the business, and should not raise a service's error rate.

    Raises:
        TypeError: for a built-in class, which would hide every use of it.

    >>> class CardDeclined(Exception): ...
    >>> expected(CardDeclined)
    """
    for kind in types:
        try:
            kind.__otel_expected__ = True  # type: ignore[attr-defined]
        except TypeError:
            raise TypeError(
                f"expected({kind.__name__}) would hide every {kind.__name__}: "
                f"raise a class of your own that inherits from it, and expect that."
            ) from None


class ExceptionSignal(sdk.SpanProcessor):
    """Write exceptions as log records, where the conventions have moved them.

    Args:
        logger_provider: Receives the records. Default: the global one, which
            `send_logs()` of logs.py sets up.

    OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN decides. Unset: exceptions stay events on
    their spans. "logs/dup": both, while dashboards move. "logs": only log records,
    each tied to its span. This covers all exceptions recorded in the process: by these
    helpers, by contrib's instrumentations (none in 0.66b1 reads the variable) and by
    the plain API.
    Source: semantic conventions, "Exceptions in logs".

    >>> ExceptionSignal().writes_logs  # the variable is not set
    False
    """

    def __init__(self, logger_provider: LoggerProvider | None = None) -> None:
        signal = os.environ.get("OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN", "").strip()
        self.writes_logs = signal in ("logs", "logs/dup")
        self._writes_events = signal != "logs"
        self._logger = get_logger("tracing_starter_kit.errors", "", logger_provider)

    def on_start(self, span: sdk.Span, parent_context: Context | None = None) -> None:
        """Watch the events that are added to a new span."""
        if self.writes_logs:
            # Only on this span, which stays the SDK's. A weak reference: no cycle.
            add_event = functools.partial(self._add_event, ref(span))
            span.add_event = add_event  # type: ignore[method-assign]

    def _add_event(
        self,
        this: ref[sdk.Span],
        name: str,
        attributes: Mapping[str, str] | None = None,
        timestamp: int | None = None,
    ) -> None:
        span = this()
        if span is None:
            return
        if name != "exception" or self._writes_events:
            type(span).add_event(span, name, attributes, timestamp)
        if name == "exception":
            fields = dict(attributes or {})
            fields.pop("exception.escaped", None)  # the SDK adds it; deprecated
            self._logger.emit(
                timestamp=timestamp or time.time_ns(),
                context=trace.set_span_in_context(span),
                severity_number=SeverityNumber.ERROR,
                event_name="exception",
                attributes=fields,
            )


def _record_error(span: Span, exc: BaseException) -> None:
    """Set ERROR, `error.type` and the message; record the exception, once a trace."""
    # GeneratorExit, CancelledError and SystemExit are usual ends, not errors.
    if not isinstance(exc, Exception) or not span.is_recording():
        return
    with contextlib.suppress(Exception):  # whatever its class does, this is silent
        if getattr(type(exc), "__otel_expected__", False):
            return
        kind = f"{type(exc).__module__}.{type(exc).__qualname__}"
        name = kind.removeprefix("builtins.")
        try:  # a lone surrogate in a message would make OTLP refuse the whole batch
            message = str(exc)[:4096].encode(errors="replace").decode()
        except Exception:  # noqa: BLE001 - a class may raise anything in __str__
            message = "(no message: its __str__ failed)"
        span.set_status(StatusCode.ERROR, message)
        span.set_attribute("error.type", name)
        trace_id = span.get_span_context().trace_id
        # Not getattr() and setattr(): a class can override them, and raise.
        marks = BaseException.__getattribute__(exc, "__dict__")
        if marks.get("__otel_recorded__") != trace_id:
            marks["__otel_recorded__"] = trace_id
            event = {"exception.type": name, "exception.message": message}
            stack = _stack_of(exc)
            span.add_event("exception", {**event, "exception.stacktrace": stack})


def _stack_of(exc: Exception) -> str:
    """Return the stack trace of an exception and its causes, as Python prints it."""
    # Your frames only, and the innermost 50 of a runaway recursion. Without the "^^^^"
    # markers, which take three times as long as everything else together.
    frames = traceback.walk_tb(exc.__traceback__)
    yours = (f for f in frames if "__tracing_helper__" not in f[0].f_globals)
    stack = traceback.StackSummary.extract(yours, limit=-50)
    try:
        report = traceback.TracebackException(type(exc), exc, None, limit=-50)
        report.stack = stack
        lines = [*report.format()]
    except Exception:  # noqa: BLE001 - a class may raise anything in __getattr__
        lines = [*stack.format(), f"{type(exc).__qualname__}\n"]
    return "".join(lines)[-32768:].encode(errors="replace").decode()
