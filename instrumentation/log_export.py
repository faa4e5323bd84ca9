# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Log lines as OTLP, each tied to its span: `send_logs()`.

Use: `send_logs()` after `start_tracing(...)`. All lines of `logging` go to
OTEL_EXPORTER_OTLP_ENDPOINT as well, with the fields of `extra=`, and stand beside their
spans. They are flushed and end together with the spans. For ids in the lines that you
print, see `logs.py`.
Needs: pip install opentelemetry-exporter-otlp-proto-http~=1.45 requests~=2.32
From the tracing starter kit 0.2.0.

Example:
    import logging

    from log_export import send_logs
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    logging.getLogger().setLevel(logging.INFO)
    send_logs()

    with trace.get_tracer("shop").start_as_current_span("order"):
        logging.info("sold", extra={"shop.plan": "team"})

You will see:
    order
"""

from __future__ import annotations

import atexit
import copy
import functools
import logging
import os
import re
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeGuard

from opentelemetry import trace

# Private: the logs API of OpenTelemetry has no other name yet.
from opentelemetry._logs import SeverityNumber, get_logger, set_logger_provider
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider, ReadableLogRecord
from opentelemetry.sdk._logs.export import (
    BatchLogRecordProcessor,
    LogRecordExporter,
    LogRecordExportResult,
)
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

# The attributes of every record; all others came in through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "asctime",
    "message",
    "trace_id",
    "span_id",
    "taskName",  # Python 3.12
}
_IDS = re.compile(r"-/-|(?!0+/)[0-9a-f]{32}/(?!0+$)[0-9a-f]{16}", re.IGNORECASE)
_NOT_SENT = ("opentelemetry", "urllib3")  # sending a line must not make another
_Value = str | bool | int | float
_provider: LoggerProvider | None = None


def send_logs(
    level: int = logging.INFO,
    *,
    logger: str | None = None,
    exporter: LogRecordExporter | None = None,
    wrap_exporter: Callable[[LogRecordExporter], LogRecordExporter] | None = None,
    exit_timeout: float = 2.0,
) -> None:
    """Send log lines as OTLP as well, each tied to its span.

    Args:
        level: The lowest level to send. A logger's own level comes first: the root
            logger's is WARNING unless somebody has set it.
        logger: Only the lines of this logger and those below it; default: all.
        exporter: Replaces OTLP over HTTP, for instance in tests.
        wrap_exporter: Wraps the exporter, such as `Redaction().logs`.
        exit_timeout: Seconds that the end of the process waits for the last lines;
            the time in which tracing waits for its last spans counts.

    Raises:
        RuntimeError: before start_tracing(), because the lines share its resource, its
            flush and its end; or if another log set-up was there first.

    Your own set-up of logging stays as it is, and may follow: `dictConfig`, Celery,
    Flask and gunicorn do not notice this one. A logger that does not propagate sends
    its lines too. structlog sends its events if its `logger_factory` is
    `structlog.stdlib.LoggerFactory()`.

    A second call does nothing. The variables OTEL_SDK_DISABLED, OTEL_LOGS_EXPORTER
    (otlp or none), OTEL_BLRP_* and OTEL_EXPORTER_OTLP_* hold.
    Source: OpenTelemetry, "Logs data model".

    >>> from opentelemetry import trace
    >>> from opentelemetry.sdk.trace import TracerProvider
    >>> trace.set_tracer_provider(TracerProvider())  # as start_tracing() does
    >>> send_logs(logger="shop")
    """
    global _provider
    if _provider is not None or _is_switched_off():
        return
    tracing = trace.get_tracer_provider()
    if not isinstance(tracing, TracerProvider):
        raise RuntimeError(
            "send_logs() found no tracing: call start_tracing() before it."
        )
    exporter = exporter or _otlp_exporter()
    if wrap_exporter is not None:
        exporter = wrap_exporter(exporter)
    batches = _BoundedBatches(exporter, exit_timeout)
    provider = LoggerProvider(tracing.resource, shutdown_on_exit=False)
    provider.add_log_record_processor(batches)
    set_logger_provider(provider)
    tracing.add_span_processor(_EndWithTracing(batches))
    handler = _OtlpHandler(provider)
    handler.setLevel(level)
    _hand_all_lines_to(handler, logging.getLogger(logger).name)
    _provider = provider


def _hand_all_lines_to(handler: logging.Handler, name: str) -> None:
    """Give a handler every line of a logger and those below it, printed or not.

    On the root logger Flask, `basicConfig` and `logging` itself would take the handler
    for the application's own and print nothing; Celery, `dictConfig`, `fileConfig` and
    `basicConfig(force=True)` would remove it; and it would miss the lines of a logger
    that does not propagate, such as gunicorn's.
    """
    call_handlers = logging.Logger.callHandlers

    @functools.wraps(call_handlers)
    def call_all_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
        try:
            call_handlers(logger, record)
        finally:
            is_below = f"{logger.name}.".startswith(f"{name}.") or name == "root"
            if is_below and record.levelno >= handler.level:
                handler.handle(record)

    logging.Logger.callHandlers = call_all_handlers  # type: ignore[assignment,method-assign]


def _is_switched_off() -> bool:
    is_disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return is_disabled or os.environ.get("OTEL_LOGS_EXPORTER", "").strip() == "none"


def _otlp_exporter() -> LogRecordExporter:
    import requests

    # Private: the exporter of logs has no other name yet.
    from opentelemetry.exporter.otlp.proto.http import _log_exporter

    logging.getLogger(_log_exporter.__name__).addFilter(_OnceAMinute())
    session = requests.Session()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _renew_connections(session))
    return _log_exporter.OTLPLogExporter(session=session)


_old_connections: list[object] = []


def _renew_connections(session: Any) -> None:
    """Give a forked child connections of its own: two processes would mix requests.

    The old ones are not closed: closing takes a lock that a thread of the parent may
    have held at the fork.
    """
    _old_connections.append(session.adapters)
    session.adapters = type(session)().adapters


class _OnceAMinute(logging.Filter):
    """Let one line a minute through: an outage is reported, not repeated."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


class _OtlpHandler(logging.Handler):
    """Turns records of `logging` into records of OTLP."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._provider = provider

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_NOT_SENT):
            return
        try:
            try:
                message, fields = _message_and_fields(record)
            except Exception as exc:  # noqa: BLE001 - an argument may raise anything
                message, fields = _message_and_fields(_unformatted(record, exc))
            get_logger(_text(record.name), "", self._provider).emit(
                timestamp=int(record.created * 1e9),
                context=_context_of(record),
                severity_number=_severity(record.levelno),
                severity_text=_text(record.levelname),
                body=_text(message),
                attributes=_values(_place_of(record) | _exception_of(record) | fields),
            )
        except Exception:  # noqa: BLE001 - as all handlers do
            self.handleError(record)


def _unformatted(record: logging.LogRecord, exc: Exception) -> logging.LogRecord:
    """Return a copy whose text shows the arguments that do not fit the message."""
    parts = map(_text, (record.msg, record.args, exc))
    record = copy.copy(record)
    record.msg, record.args = "{} % {} ({})".format(*parts), None
    return record


class _BoundedBatches(BatchLogRecordProcessor):
    """The SDK's batches, with an end and a flush that keep to their time."""

    def __init__(self, exporter: LogRecordExporter, exit_timeout: float) -> None:
        self._exit_timeout = exit_timeout
        self._deadline: float | None = None
        self._counter = _UndeliveredCounter(exporter)
        delay = None if "OTEL_BLRP_SCHEDULE_DELAY" in os.environ else 500
        super().__init__(self._counter, schedule_delay_millis=delay)
        # Registered after tracing's own end and so run before it: the time that the
        # last spans take counts for the lines as well.
        atexit.register(self._set_deadline)

    def _set_deadline(self) -> None:
        self._deadline = time.monotonic() + self._exit_timeout

    def shutdown(self) -> None:
        if self._deadline is None:
            self._set_deadline()
        remaining = (self._deadline or 0.0) - time.monotonic()
        # Lines get a moment even where spans have used up all the time.
        self._shutdown_within(max(0.2, remaining))

    def _shutdown_within(self, seconds: float) -> None:
        # Private: the public `shutdown` takes no timeout, and may last 30 seconds.
        batches = getattr(self, "_batch_processor", None)
        if batches is None:
            super().shutdown()  # type: ignore[no-untyped-call]
        else:
            batches.shutdown(timeout_millis=int(seconds * 1000))

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Return whether all waiting lines have been accepted in time."""
        undelivered, is_sent = self._counter.undelivered, threading.Event()
        flush = super().force_flush

        def send() -> None:
            if flush():
                is_sent.set()

        try:
            threading.Thread(target=send, daemon=True).start()
        except RuntimeError:  # the interpreter is ending; shutdown() sends the lines
            return False
        in_time = is_sent.wait(timeout_millis / 1000)
        return in_time and self._counter.undelivered == undelivered


class _UndeliveredCounter(LogRecordExporter):
    """Counts the lines that an exporter could not deliver: the SDK does not look."""

    def __init__(self, exporter: LogRecordExporter) -> None:
        self._exporter = exporter
        self.undelivered = 0

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = LogRecordExportResult.FAILURE
        try:
            result = self._exporter.export(batch)
        finally:
            if result is not LogRecordExportResult.SUCCESS:
                self.undelivered += len(batch)
        return result

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class _EndWithTracing(SpanProcessor):
    """Flushes and ends the delivery of lines together with that of spans."""

    def __init__(self, batches: _BoundedBatches) -> None:
        self._batches = batches

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        return self._batches.force_flush(timeout_millis)

    def shutdown(self) -> None:
        self._batches.shutdown()


def _context_of(record: logging.LogRecord) -> Context | None:
    """Return the span on a record that went through a queue; None: the current one."""
    ids = _ids_on(record)
    if ids is None or ids[0] == "-":
        return None
    trace_id, span_id = (int(text, 16) for text in ids)
    span = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))
    return trace.set_span_in_context(NonRecordingSpan(span), Context())


def _severity(level: int) -> SeverityNumber:
    """Return OTLP's number: DEBUG is 5, INFO 9, WARNING 13, ERROR 17, CRITICAL 21."""
    return SeverityNumber(min(max(1, level // 10 * 4 + 1), 21))


def _place_of(record: logging.LogRecord) -> dict[str, object]:
    """Return `code.*` of the line that logged."""
    return {
        "code.function.name": f"{record.module}.{record.funcName}",
        "code.file.path": _relative_path(record.pathname),
        "code.line.number": record.lineno,
        "code.stacktrace": record.stack_info,
    }


def _exception_of(record: logging.LogRecord) -> dict[str, object]:
    """Return the exception in the names of the conventions, as the SDK does."""
    exc = record.exc_info[1] if record.exc_info else None
    if exc is None:
        return {}
    name = f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins.")
    return {
        "exception.type": name,
        "exception.message": exc,
        "exception.stacktrace": "".join(traceback.format_exception(exc)),
    }


def _values(fields: Mapping[Any, object]) -> dict[str, _Value]:
    """Return the fields that have a value, as names and values that OTLP can hold."""
    items = ((_text(k), v) for k, v in fields.items() if v is not None)
    return {k: v if _is_number(v) else _text(v) for k, v in items}


def _is_number(value: object) -> TypeGuard[bool | int | float]:
    """Return whether a value is a number of OTLP: a float, or an integer of 64 bits."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float)


@functools.cache
def _relative_path(filename: str) -> str:
    """Return the path within the nearest folder with .git (else pyproject.toml)."""
    path = Path(filename).absolute()
    for marker in (".git", "pyproject.toml"):
        for parent in path.parents:
            if (parent / marker).exists():
                return path.relative_to(parent).as_posix()
    return filename


def _message_and_fields(record: logging.LogRecord) -> tuple[str, dict[str, object]]:
    """Return the message of a record, and the fields that came with it."""
    attributes = vars(record)
    fields = {k: v for k, v in attributes.items() if k not in _STANDARD}
    for name in ("trace_id", "span_id"):
        if name in attributes and not _ids_on(record):  # your own, with another meaning
            fields[name] = attributes[name]
    if isinstance(record.msg, dict):  # structlog's wrap_for_formatter, or by hand
        fields |= record.msg
        key = "event" if "event" in record.msg else "message"
        return str(fields.pop(key, record.msg)), fields
    return record.getMessage(), fields


def _ids_on(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return the ids that `TraceContextFilter` wrote; None for a field of your own."""
    attributes = vars(record)
    trace_id, span_id = attributes.get("trace_id"), attributes.get("span_id")
    if isinstance(trace_id, str) and isinstance(span_id, str):
        return (trace_id, span_id) if _IDS.fullmatch(f"{trace_id}/{span_id}") else None
    return None


def _text(value: object) -> str:
    """Return any value as a text that UTF-8 can hold.

    A lone surrogate, as in a file name that is not UTF-8, would lose the whole batch
    that it is sent with, and is an error for a handler that writes a file.
    """
    try:
        text = value if type(value) is str else str(value)
    except Exception:  # noqa: BLE001 - a line must not be lost for a field's sake
        text = f"({type(value).__qualname__} without text)"
    return text if text.isascii() else text.encode(errors="replace").decode()
