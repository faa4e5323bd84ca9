"""Trace ids in log lines: plain text or one JSON object per line.

Use: `handler.addFilter(TraceContextFilter())` for `%(trace_id)s` in a format string,
or `handler.setFormatter(JsonFormatter())`. Both belong on the handler: a filter on a
logger does not see the records of the loggers below it.
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
        logging.info("sold", extra={"app.plan": "team"})

You will see:
    order
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime

from opentelemetry import trace

__tracing_helper__ = True  # CodeLocation looks past frames of this file

# What every record has; anything else came in through `extra=`.
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {
    "asctime",
    "message",
    "trace_id",
    "span_id",
}


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
        line: dict[str, object] = {
            "timestamp": moment.isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (ids := _ids_of(record)) is not None:
            line["trace_id"], line["span_id"] = ids
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        fields = {k: v for k, v in vars(record).items() if k not in _STANDARD}
        return json.dumps(fields | line, default=str, ensure_ascii=False)


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
