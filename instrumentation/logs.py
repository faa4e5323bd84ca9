# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Log lines that name their trace: as text, as key=value, as JSON.

Use: `handler.addFilter(TraceContextFilter())` for `%(trace_id)s` in a format string;
`handler.setFormatter(JsonFormatter())` or `KeyValueFormatter()`; `add_trace_ids` among
structlog's processors. Filter and formatter belong on the handler: a filter on a logger
does not see the records of the loggers below it. `log_export.py` sends lines as OTLP.
Needs: pip install opentelemetry-api~=1.45
From the tracing starter kit 0.2.0.

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

import json
import logging
import re
import sys
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from opentelemetry import trace

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
# Characters that may end a line or steer a terminal; a tab may stay.
_CONTROLS = {n: f"\\u{n:04x}" for n in (*range(32), *range(127, 160), 0x2028, 0x2029)}
_CONTROLS |= {9: "\t", 10: "\\n", 13: "\\r"}


class TraceContextFilter(logging.Filter):
    """Give every record `trace_id` and `span_id`, each "-" where no span is current.

    With a `QueueHandler` put it on that handler: it must run in the thread that logs.

    >>> handler = logging.StreamHandler()
    >>> handler.addFilter(TraceContextFilter())
    >>> handler.setFormatter(logging.Formatter("%(trace_id)s %(message)s"))
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the ids, and let the record pass; your own `trace_id` gets a "_"."""
        if "trace_id" in vars(record) and not _ids_on(record):
            vars(record)["trace_id_"] = vars(record)["trace_id"]
        record.trace_id, record.span_id = _current_ids() or ("-", "-")
        return True


class JsonFormatter(logging.Formatter):
    """Write a record as one line of JSON, with its trace and the fields of `extra=`.

    Where a field of yours has one of our names, yours gets a "_" at its end: `level_`.

    >>> record = logging.makeLogRecord({"msg": "sold %d", "args": (3,), "plan": "pro"})
    >>> line = json.loads(JsonFormatter().format(record))
    >>> line["message"], line["plan"]
    ('sold 3', 'pro')
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        message, fields = _message_and_fields(record)
        line = {
            "timestamp": _timestamp(record),
            "level": record.levelname,
            "logger": record.name,
            "message": message,
            **_ids_and_stacks(self, record),
        }
        return _text(_json(_with_fields(line, fields)))


class KeyValueFormatter(logging.Formatter):
    """Write a record as text that people read and programs split: `plan=pro`.

    A value with a blank, a quote or "=" in it is quoted as in JSON. A record is one
    line: line breaks, of a message or a stack trace, are escaped as in JSON too.

    >>> sold = {"name": "shop", "msg": "sold", "plan": "pro", "by": "Ann B."}
    >>> KeyValueFormatter().format(logging.makeLogRecord(sold)).partition("shop ")[2]
    'sold plan=pro by="Ann B."'
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its line end."""
        message, fields = _message_and_fields(record)
        pairs = _with_fields(_ids_and_stacks(self, record), fields).items()
        start = f"{_timestamp(record)} {record.levelname} {record.name} {message}"
        line = start + "".join(f" {name}={_quoted(value)}" for name, value in pairs)
        return line if line.isprintable() else _text(line).translate(_CONTROLS)


def log_event(
    event: str, fields: Mapping[str, object], *, level: int = logging.INFO
) -> None:
    """Log an event of the business with its fields, on the calling module's logger.

    The first step from lines to traces: instead of a sentence that hides its numbers
    (`"Task timed out after 6.01 seconds"`), one constant name, and fields to search by.
    The formatters above, and `log_export.py`, keep them apart. `level` is a level of
    `logging`, such as `logging.WARNING`.

    >>> log_event("task timed out", {"task_id": 72, "timeout_ms": 6010})
    """
    logger = logging.getLogger(sys._getframe(1).f_globals["__name__"])
    # logging refuses a field that has the name of an attribute of records.
    extra = {f"{k}_" if k in _STANDARD else k: v for k, v in fields.items()}
    logger.log(level, "%s", event, extra=extra, stacklevel=2)


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


def _timestamp(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds")


def _ids_and_stacks(
    formatter: logging.Formatter, record: logging.LogRecord
) -> dict[str, object]:
    """Return the ids of the record's span, its exception and its stack, if any."""
    parts: dict[str, object] = {}
    ids = _ids_on(record) or _current_ids()
    if ids is not None and ids[0] != "-":
        parts["trace_id"], parts["span_id"] = ids
    if record.exc_info:
        parts["exception"] = formatter.formatException(record.exc_info)
    if record.stack_info:
        parts["stack"] = formatter.formatStack(record.stack_info)
    return parts


def _with_fields(
    line: dict[str, object], fields: Mapping[str, object]
) -> dict[str, object]:
    """Return the fields and then the line; a field with a name of the line gets "_"."""
    if not line.keys().isdisjoint(fields):
        fields = {f"{k}_" if k in line else k: v for k, v in fields.items()}
    return {**fields, **line}


def _json(value: object) -> str:
    try:
        return json.dumps(value, default=_text, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):  # a tuple as a key, or a circle
        if not isinstance(value, Mapping):
            return json.dumps(_text(value), ensure_ascii=False)
        items = ((k, v) for k, v in value.items() if v is not None)
        plain = {
            _text(k): v if isinstance(v, (int, float)) else _text(v) for k, v in items
        }
        return json.dumps(plain, ensure_ascii=False)


def _quoted(value: object) -> str:
    text = value if isinstance(value, str) else _json(value)
    is_plain = text.isprintable() and not set(text) & set(' "=') and text
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def _current_ids() -> tuple[str, str] | None:
    """Return the current span's (trace id, span id) in hex, or None without a span."""
    span = trace.get_current_span().get_span_context()
    if not span.is_valid:
        return None
    return trace.format_trace_id(span.trace_id), trace.format_span_id(span.span_id)


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
