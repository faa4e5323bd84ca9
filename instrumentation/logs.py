"""Log lines that know their trace: as text, as JSON, and as OTLP beside the spans.

Use: `handler.addFilter(TraceContextFilter())` for `%(trace_id)s` in a format string;
`handler.setFormatter(JsonFormatter())` or `KeyValueFormatter()`; `add_trace_ids` among
structlog's processors; `send_logs()` after `start_tracing(...)` for all lines at once.
Filter and formatter belong on the handler: a filter on a logger does not see the
records of the loggers below it.
Needs: opentelemetry-sdk, opentelemetry-exporter-otlp-proto-http.
"""

from __future__ import annotations

import atexit
import functools
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from opentelemetry import trace
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

__tracing_helper__ = True  # CodeLocation looks past frames of this file

# What every record has; anything else came in through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "asctime",
    "message",
    "trace_id",
    "span_id",
    "taskName",  # Python 3.12
}
_OUR_OWN = ("opentelemetry", "urllib3")  # sending a line must not make another one


class TraceContextFilter(logging.Filter):
    """Give every record `trace_id` and `span_id`, each "-" where no span is current.

    With a `QueueHandler` put it on that handler: it has to run in the thread that
    logs.

    >>> handler = logging.StreamHandler()
    >>> handler.addFilter(TraceContextFilter())
    >>> handler.setFormatter(logging.Formatter("%(trace_id)s %(message)s"))
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids; every record passes."""
        record.trace_id, record.span_id = _current_ids() or ("-", "-")
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one line of JSON, with its trace and the fields of `extra=`.

    >>> record = logging.makeLogRecord({"msg": "sold %d", "args": (3,), "plan": "pro"})
    >>> line = json.loads(JsonFormatter().format(record))
    >>> line["message"], line["plan"]
    ('sold 3', 'pro')
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        message, fields = _message_and_fields(record)
        line: dict[str, object] = {
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
        }
        if (ids := _ids_of(record)) is not None:
            line["trace_id"], line["span_id"] = ids
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(fields | line, default=str, ensure_ascii=False)


class KeyValueFormatter(logging.Formatter):
    """Write a record as text that people read and programs split: `plan=pro`.

    A value with a blank, a quote or "=" in it is quoted as in JSON, so that an
    exception's stack trace stays on its line too.

    >>> sold = {"name": "shop", "msg": "sold", "plan": "pro", "by": "Ann B."}
    >>> KeyValueFormatter().format(logging.makeLogRecord(sold)).partition("shop ")[2]
    'sold plan=pro by="Ann B."'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        message, fields = _message_and_fields(record)
        if (ids := _ids_of(record)) is not None:
            fields |= {"trace_id": ids[0], "span_id": ids[1]}
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        stamp = moment.isoformat(timespec="milliseconds")
        pairs = "".join(f" {name}={_quoted(value)}" for name, value in fields.items())
        return f"{stamp} {record.levelname} {record.name} {message}{pairs}"


def log_event(
    event: str, fields: Mapping[str, object], *, level: int = logging.INFO
) -> None:
    """Log an event of the business with its fields, on the calling module's logger.

    The first step from lines to traces: instead of a sentence that hides its numbers
    (`"Task timed out after 6.01 seconds"`), one name that is always the same, and
    fields to search by. The formatters above, and `send_logs()`, keep them apart.

    >>> log_event("task timed out", {"task_id": 72, "timeout_ms": 6010})
    """
    logger = logging.getLogger(sys._getframe(1).f_globals["__name__"])
    # logging refuses a field that is called as one of its own.
    free = {f"{k}_" if k in _STANDARD else k: v for k, v in fields.items()}
    logger.log(level, "%s", event, extra=free, stacklevel=2)


def add_trace_ids(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Add `trace_id` and `span_id` to an event: a processor for structlog.

    >>> add_trace_ids(None, "info", {"event": "sold"})  # no span here
    {'event': 'sold'}
    """
    if (ids := _current_ids()) is not None:
        event["trace_id"], event["span_id"] = ids
    return event


def send_logs(
    level: int = logging.INFO,
    *,
    logger: str | None = None,
    exporter: LogRecordExporter | None = None,
    exit_timeout: float = 2.0,
) -> None:
    """Send what is logged as OTLP logs as well, each line tied to its span.

    Args:
        level: From which level on. A logger's own level comes first: the root
            logger's is WARNING unless somebody has set it.
        logger: Only what this logger and those below it log; default: all.
        exporter: Instead of OTLP over HTTP, for instance in tests.
        exit_timeout: Seconds that the end of the process waits for the last lines,
            those included that tracing waits for its last spans.

    Raises:
        RuntimeError: before start_tracing(), whose resource, flush and end the lines
            share; or if another log set-up was there first.

    A second call does nothing. The variables OTEL_SDK_DISABLED, OTEL_LOGS_EXPORTER
    (otlp or none), OTEL_BLRP_* and OTEL_EXPORTER_OTLP_* hold.
    Source: OpenTelemetry, "Logs data model".
    """
    global _provider
    if _provider is not None or _is_switched_off():
        return
    tracing = trace.get_tracer_provider()
    if not isinstance(tracing, TracerProvider):
        raise RuntimeError(
            "send_logs() found no tracing: call start_tracing() before it."
        )
    batches = _BoundedBatches(exporter or _otlp_exporter(), exit_timeout)
    provider = LoggerProvider(tracing.resource, shutdown_on_exit=False)
    provider.add_log_record_processor(batches)
    set_logger_provider(provider)
    tracing.add_span_processor(_LogsGoWithSpans(batches))
    handler = _OtlpHandler(provider)
    handler.setLevel(level)
    logging.getLogger(logger).addHandler(handler)
    _provider = provider


_provider: LoggerProvider | None = None


def _is_switched_off() -> bool:
    disabled = os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return disabled or os.environ.get("OTEL_LOGS_EXPORTER", "").strip() == "none"


def _otlp_exporter() -> LogRecordExporter:
    import requests
    from opentelemetry.exporter.otlp.proto.http import _log_exporter

    logging.getLogger(_log_exporter.__name__).addFilter(_OncePerMinute())
    session = requests.Session()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _forget_connections(session))
    return _log_exporter.OTLPLogExporter(session=session)


_forgotten: list[object] = []


def _forget_connections(session: Any) -> None:
    """Give a forked child connections of its own.

    On its parent's, which stay open between exports, the requests of the two would run
    into each other. The old ones are kept, not closed: closing takes a lock that a
    thread of the parent may have held at the fork.
    """
    _forgotten.append(session.adapters)
    fresh = type(session)()
    session.adapters = fresh.adapters


class _OncePerMinute(logging.Filter):
    """Lets one line a minute through: a collector that is down is said, not shouted."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


class _OtlpHandler(logging.Handler):
    """Turns records of `logging` into OTLP's."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__()
        self._provider = provider

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_OUR_OWN):
            return
        try:
            message, fields = _message_and_fields(record)
            get_logger(record.name, "", self._provider).emit(
                timestamp=int(record.created * 1e9),
                context=_context_of(record),
                severity_number=_severity(record.levelno),
                severity_text=record.levelname,
                body=message,
                attributes=_code_of(record) | _plain(fields),
                exception=record.exc_info[1] if record.exc_info else None,
            )
        except Exception:  # noqa: BLE001 - as all handlers do
            self.handleError(record)


class _BoundedBatches(BatchLogRecordProcessor):
    """The SDK's batching, with an end and a flush that keep to their time."""

    def __init__(self, exporter: LogRecordExporter, exit_timeout: float) -> None:
        self._exit_timeout = exit_timeout
        self._deadline: float | None = None
        self._outcome = _Outcome(exporter)
        delay = None if "OTEL_BLRP_SCHEDULE_DELAY" in os.environ else 500
        super().__init__(self._outcome, schedule_delay_millis=delay)
        # Registered after tracing's own and so run before it: the time that the last
        # spans take is not waited for a second time.
        atexit.register(self._begin_to_end)

    def _begin_to_end(self) -> None:
        self._deadline = time.monotonic() + self._exit_timeout

    def shutdown(self) -> None:
        left = (self._deadline or time.monotonic() + self._exit_timeout) - (
            time.monotonic()
        )
        # Once spans have used up all the time, lines still get a moment.
        self._batch_processor.shutdown(timeout_millis=int(max(0.2, left) * 1000))

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Return whether all that was waiting has been accepted in time."""
        lost, done = self._outcome.lost, threading.Event()
        flush = super().force_flush

        def send() -> None:
            if flush():
                done.set()

        try:
            threading.Thread(target=send, daemon=True).start()
        except RuntimeError:  # the interpreter is ending; shutdown() sends the rest
            return False
        return done.wait(timeout_millis / 1000) and self._outcome.lost == lost


class _Outcome(LogRecordExporter):
    """Counts the lines that an exporter could not deliver: the SDK does not look."""

    def __init__(self, exporter: LogRecordExporter) -> None:
        self._exporter = exporter
        self.lost = 0

    def export(self, batch: Sequence[ReadableLogRecord]) -> LogRecordExportResult:
        result = LogRecordExportResult.FAILURE
        try:
            result = self._exporter.export(batch)
        finally:
            if result is not LogRecordExportResult.SUCCESS:
                self.lost += len(batch)
        return result

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        return self._exporter.force_flush(timeout_millis)

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]


class _LogsGoWithSpans(SpanProcessor):
    """Flushes and ends the sending of lines whenever that of spans is."""

    def __init__(self, batches: _BoundedBatches) -> None:
        self._batches = batches

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        return self._batches.force_flush(timeout_millis)

    def shutdown(self) -> None:
        self._batches.shutdown()


def _message_and_fields(record: logging.LogRecord) -> tuple[str, dict[str, object]]:
    """Return what a record says, and the fields that came with it."""
    fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
    if isinstance(record.msg, dict):  # structlog's wrap_for_formatter
        fields |= record.msg
        return str(fields.pop("event", "")), fields
    return record.getMessage(), fields


def _plain(fields: Mapping[str, object]) -> dict[str, str | bool | int | float]:
    kept = {name: value for name, value in fields.items() if value is not None}
    return {k: v if isinstance(v, int | float) else str(v) for k, v in kept.items()}


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    plain = text.isprintable() and not set(text) & set(' "=') and text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _severity(level: int) -> SeverityNumber:
    """Return OTLP's number: DEBUG is 5, INFO 9, WARNING 13, ERROR 17, CRITICAL 21."""
    return SeverityNumber(min(max(1, level // 10 * 4 + 1), 21))


def _code_of(record: logging.LogRecord) -> dict[str, str | bool | int | float]:
    """Return `code.*` of the line that logged."""
    return {
        "code.function.name": f"{record.module}.{record.funcName}",
        "code.file.path": _relative_path(record.pathname),
        "code.line.number": record.lineno,
    }


@functools.cache
def _relative_path(filename: str) -> str:
    """Return the path within the nearest folder with .git (else pyproject.toml)."""
    path = Path(filename).absolute()
    for marker in (".git", "pyproject.toml"):
        for parent in path.parents:
            if (parent / marker).exists():
                return path.relative_to(parent).as_posix()
    return filename


def _context_of(record: logging.LogRecord) -> Context | None:
    """Return the span that a filter noted, for who logs through a queue; else None."""
    ids = _ids_of(record) if hasattr(record, "trace_id") else None
    if ids is None:
        return None
    trace_id, span_id = (int(text, 16) for text in ids)
    here = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))
    return trace.set_span_in_context(NonRecordingSpan(here), Context())


def _ids_of(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return the ids that the filter left on the record, else those of this thread."""
    if not hasattr(record, "trace_id"):
        return _current_ids()
    if record.trace_id == "-":
        return None
    return record.trace_id, getattr(record, "span_id", "-")


def _current_ids() -> tuple[str, str] | None:
    """Return the current span's (trace id, span id) in hex, or None without one."""
    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return None
    return trace.format_trace_id(here.trace_id), trace.format_span_id(here.span_id)
