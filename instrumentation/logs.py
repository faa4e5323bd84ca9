# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Log lines that know their trace: as text, as JSON, and as OTLP beside the spans.

Use: `handler.addFilter(TraceContextFilter())` for `%(trace_id)s` in a format string;
`handler.setFormatter(JsonFormatter())` or `KeyValueFormatter()`; `add_trace_ids` among
structlog's processors; `send_logs()` after `start_tracing(...)` for all lines at once.
Filter and formatter belong on the handler: a filter on a logger does not see the
records of the loggers below it.
Needs: pip install opentelemetry-sdk~=1.45
send_logs() also: opentelemetry-exporter-otlp-proto-http~=1.45 requests~=2.32.
From the tracing starter kit 0.1.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    import logging

    from logs import JsonFormatter
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler])

    with trace.get_tracer("shop").start_as_current_span("order"):
        logging.info("sold", extra={"shop.plan": "team"})

You will see:
    order
"""

from __future__ import annotations

import atexit
import functools
import json
import logging
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeGuard

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
_IDS = re.compile(r"-/-|(?!0+/)[0-9a-f]{32}/(?!0+$)[0-9a-f]{16}", re.IGNORECASE)
# All that may end a line, or steer a terminal; a tab may stay.
_CONTROLS = {n: f"\\u{n:04x}" for n in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_CONTROLS |= {9: "\t", 10: "\\n", 13: "\\r"}
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
        """Add the ids; a `trace_id` of your own becomes `trace_id_`. All pass."""
        if "trace_id" in vars(record) and not _noted(record):
            vars(record)["trace_id_"] = vars(record)["trace_id"]
        record.trace_id, record.span_id = _current_ids() or ("-", "-")
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one line of JSON, with its trace and the fields of `extra=`.

    A field of yours that is called as one of ours gets a "_" at its end: `level_`.

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
        if record.stack_info:
            line["stack"] = self.formatStack(record.stack_info)
        return _text(_json(_beside(line, fields)))


class KeyValueFormatter(logging.Formatter):
    """Write a record as text that people read and programs split: `plan=pro`.

    A value with a blank, a quote or "=" in it is quoted as in JSON. A record is one
    line: line breaks, of a message or a stack trace, are written as in JSON too.

    >>> sold = {"name": "shop", "msg": "sold", "plan": "pro", "by": "Ann B."}
    >>> KeyValueFormatter().format(logging.makeLogRecord(sold)).partition("shop ")[2]
    'sold plan=pro by="Ann B."'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        moment = datetime.fromtimestamp(record.created, UTC)
        message, fields = _message_and_fields(record)
        ours: dict[str, object] = {}
        if (ids := _ids_of(record)) is not None:
            ours["trace_id"], ours["span_id"] = ids
        if record.exc_info:
            ours["exception"] = self.formatException(record.exc_info)
        if record.stack_info:
            ours["stack"] = self.formatStack(record.stack_info)
        stamp = moment.isoformat(timespec="milliseconds")
        both = _beside(ours, fields).items()
        pairs = "".join(f" {name}={_quoted(value)}" for name, value in both)
        line = f"{stamp} {record.levelname} {record.name} {message}{pairs}"
        return line if line.isprintable() else _text(line).translate(_CONTROLS)


def log_event(
    event: str, fields: Mapping[str, object], *, level: int = logging.INFO
) -> None:
    """Log an event of the business with its fields, on the calling module's logger.

    The first step from lines to traces: instead of a sentence that hides its numbers
    (`"Task timed out after 6.01 seconds"`), one name that is always the same, and
    fields to search by. The formatters above, and `send_logs()`, keep them apart.
    `level` is a level of `logging`, such as `logging.WARNING`.

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
    wrap_exporter: Callable[[LogRecordExporter], LogRecordExporter] | None = None,
    exit_timeout: float = 2.0,
) -> None:
    """Send what is logged as OTLP logs as well, each line tied to its span.

    Args:
        level: From which level on. A logger's own level comes first: the root
            logger's is WARNING unless somebody has set it.
        logger: Only what this logger and those below it log; default: all.
        exporter: Instead of OTLP over HTTP, for instance in tests.
        wrap_exporter: Put around the exporter, such as `Redaction().logs`.
        exit_timeout: Seconds that the end of the process waits for the last lines,
            those included that tracing waits for its last spans.

    Raises:
        RuntimeError: before start_tracing(), whose resource, flush and end the lines
            share; or if another log set-up was there first.

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
            get_logger(_text(record.name), "", self._provider).emit(
                timestamp=int(record.created * 1e9),
                context=_context_of(record),
                severity_number=_severity(record.levelno),
                severity_text=_text(record.levelname),
                body=_text(message),
                attributes=_code_of(record) | _plain(_exception_of(record) | fields),
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
    known = vars(record)
    fields = {k: v for k, v in known.items() if k not in _STANDARD}
    for name in ("trace_id", "span_id"):
        if name in known and not _noted(record):  # your own, with another meaning
            fields[name] = known[name]
    if isinstance(record.msg, dict):  # structlog's wrap_for_formatter, or by hand
        fields |= record.msg
        text = "event" if "event" in record.msg else "message"
        return str(fields.pop(text, "")), fields
    return record.getMessage(), fields


def _beside(ours: dict[str, object], fields: Mapping[str, object]) -> dict[str, object]:
    if not ours.keys().isdisjoint(fields):
        fields = {f"{k}_" if k in ours else k: v for k, v in fields.items()}
    return {**fields, **ours}


def _plain(fields: Mapping[Any, object]) -> dict[str, str | bool | int | float]:
    kept = {name: value for name, value in fields.items() if value is not None}
    return {_text(k): v if _is_number(v) else _text(v) for k, v in kept.items()}


def _is_number(value: object) -> TypeGuard[bool | int | float]:
    """Say whether it is one that OTLP can hold."""
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    return isinstance(value, float)


def _text(value: object) -> str:
    """Return a text of whatever value, and one that UTF-8 can hold.

    A lone surrogate, as in the name of a file that is no UTF-8, would lose the whole
    batch that it is sent with, and is an error to a handler that writes a file.
    """
    try:
        text = value if type(value) is str else str(value)
    except Exception:  # noqa: BLE001 - a line must not be lost for a field's sake
        text = f"({type(value).__qualname__} without text)"
    return text if text.isascii() else text.encode(errors="replace").decode()


def _json(value: object) -> str:
    try:
        return json.dumps(value, default=_text, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # a key that is a tuple, a circle
        text = _plain(value) if isinstance(value, Mapping) else _text(value)
        return json.dumps(text, ensure_ascii=False)


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else _json(value)
    plain = text.isprintable() and not set(text) & set(' "=') and text
    return text if plain else json.dumps(text, ensure_ascii=False)


def _severity(level: int) -> SeverityNumber:
    """Return OTLP's number: DEBUG is 5, INFO 9, WARNING 13, ERROR 17, CRITICAL 21."""
    return SeverityNumber(min(max(1, level // 10 * 4 + 1), 21))


def _code_of(record: logging.LogRecord) -> dict[str, str | bool | int | float]:
    """Return `code.*` of the line that logged."""
    found: dict[str, str | bool | int | float] = {
        "code.function.name": _text(f"{record.module}.{record.funcName}"),
        "code.file.path": _text(_relative_path(record.pathname)),
        "code.line.number": record.lineno,
    }
    if record.stack_info:
        found["code.stacktrace"] = _text(record.stack_info)
    return found


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
    ids = _noted(record)
    if ids is None or ids[0] == "-":
        return None
    trace_id, span_id = (int(text, 16) for text in ids)
    here = SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(1))
    return trace.set_span_in_context(NonRecordingSpan(here), Context())


def _ids_of(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return the ids that the filter left on the record, else those of this thread."""
    ids = _noted(record)
    if ids is None:
        return _current_ids()
    return None if ids[0] == "-" else ids


def _noted(record: logging.LogRecord) -> tuple[str, str] | None:
    """Return what the filter left on the record, or None; no field of your own."""
    known = vars(record)
    trace_id, span_id = known.get("trace_id"), known.get("span_id")
    if isinstance(trace_id, str) and isinstance(span_id, str):
        return (trace_id, span_id) if _IDS.fullmatch(f"{trace_id}/{span_id}") else None
    return None


def _current_ids() -> tuple[str, str] | None:
    """Return the current span's (trace id, span id) in hex, or None without one."""
    here = trace.get_current_span().get_span_context()
    if not here.is_valid:
        return None
    return trace.format_trace_id(here.trace_id), trace.format_span_id(here.span_id)
