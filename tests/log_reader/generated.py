"""Logs in the default formats of common frameworks and servers.

The library writes the lines if it is installed; otherwise they are copied from its
documentation. In each log a task or request starts, and ends or fails.
"""

from __future__ import annotations

import io
import json
import logging
import sys
from types import SimpleNamespace

import structlog
from celery.app import defaults
from gunicorn.config import Config  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from structlog.typing import Processor

# The stubs of Celery do not have it.
CELERY_FORMAT: str = vars(defaults)["DEFAULT_PROCESS_LOG_FMT"]

UUID = "0b0d2cb3-7d56-4e3a-9d3f-5c9a5a0b3d3f"


def python_logging(text_format: str | None, name: str = "shop.billing") -> list[str]:
    """Return lines of the standard library in a format, a traceback at the end."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter(text_format))
    logger = logging.getLogger(name)
    logger.handlers, logger.propagate, logger.level = [handler], False, logging.INFO
    logger.info("started task=72")
    logger.warning("slow card network task=72")
    try:
        raise ValueError("no such card")
    except ValueError:
        logger.exception("failed task=72")
    return stream.getvalue().splitlines()


def structlog_lines(*renderers: Processor) -> list[str]:
    """Return lines of structlog with these last processors."""
    stream = io.StringIO()
    logger = structlog.wrap_logger(
        structlog.PrintLogger(stream),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *renderers,
        ],
    )
    logger.info("job started", job_id=15, plan="pro")
    logger.error("job failed", job_id=15, reason="no money left")
    return stream.getvalue().splitlines()


def structlog_console() -> list[str]:
    """Return structlog's default: for people, with colours."""
    stamp = structlog.processors.TimeStamper(fmt="%Y-%m-%d %H:%M:%S", utc=False)
    return structlog_lines(stamp, structlog.dev.ConsoleRenderer(colors=True))


def structlog_json() -> list[str]:
    stamp = structlog.processors.TimeStamper(fmt="iso")
    return structlog_lines(stamp, structlog.processors.JSONRenderer())


def celery_worker() -> list[str]:
    """Return a worker's lines in Celery's own format, with its own messages."""
    lines = python_logging(CELERY_FORMAT, "celery.app.trace")[:1]
    head, _, _ = lines[0].partition("started")
    return [
        f"{head}Task shop.bill[{UUID}] received",
        f"{head}Task shop.bill[{UUID}] succeeded in 0.0000051s: None",
    ]


def gunicorn_error() -> list[str]:
    config = Config()
    logger = Logger(config)
    (formatter,) = {handler.formatter for handler in logger.error_log.handlers}
    record = logging.LogRecord("g", logging.INFO, "", 0, "Booting worker", None, None)
    return [formatter.format(record)]


def gunicorn_access() -> list[str]:
    config = Config()
    logger = Logger(config)
    environ = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/orders/17?plan=pro",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_USER_AGENT": "curl/8.5.0",
    }
    answer = SimpleNamespace(status="200 OK", sent=27, headers=[])
    request = SimpleNamespace(headers=[])
    time = SimpleNamespace(seconds=0, microseconds=1500, total_seconds=lambda: 0.0015)
    atoms = logger.atoms(answer, request, environ, time)
    safe = logger.atoms_wrapper_class(atoms)
    return [config.access_log_format % safe]


def loguru() -> list[str]:
    """Return lines in loguru's default format, LOGURU_FORMAT in its _defaults.py."""
    begin = "2026-11-24 08:00:00.123 | {:<8} | shop.billing:charge:42 - {}"
    return [
        begin.format("INFO", "started job_id=15"),
        begin.format("ERROR", "failed job_id=15"),
        "Traceback (most recent call last):",
        "",
        '> File "shop/billing.py", line 42, in charge',
        "    pay(card)",
        "    │   └ 'demo-card-decline'",
        "",
        "ValueError: no such card",
    ]


def loguru_json() -> list[str]:
    """Return a line of loguru with `serialize=True`."""
    record = {
        "elapsed": {"repr": "0:00:00.012", "seconds": 0.012},
        "exception": None,
        "extra": {"job_id": 15},
        "function": "charge",
        "level": {"icon": "i", "name": "INFO", "no": 20},
        "line": 42,
        "message": "job started",
        "name": "shop.billing",
        "process": {"id": 7, "name": "MainProcess"},
        "time": {"repr": "2026-11-24 08:00:00+00:00", "timestamp": 1795507200.25},
    }
    return [json.dumps({"text": "08:00:00 | job started\n", "record": record})]


NGINX_COMBINED = [
    '203.0.113.7 - ada [24/Nov/2026:08:00:00 +0000] "GET /orders/17 HTTP/2.0" 200 615 '
    '"https://example.com/" "Mozilla/5.0 (X11; Linux x86_64)"',
    '2001:db8::1 - - [24/Nov/2026:08:00:01 +0000] "POST /orders HTTP/1.1" 502 157 "-" '
    '"curl/8.5.0"',
]
NGINX_ERROR = [
    "2026/11/24 08:00:01 [error] 31#31: *5 connect() failed (111: Connection refused) "
    'while connecting to upstream, client: 203.0.113.7, server: _, request: "POST '
    '/orders HTTP/1.1", upstream: "http://127.0.0.1:8610/orders", host: "example.com"'
]
RAILS = [
    f"I, [2026-11-24T08:00:00.123456 #7]  INFO -- : [{UUID}] Started GET "
    '"/orders/17?x=1" for 127.0.0.1 at 2026-11-24 08:00:00 +0000',
    f"I, [2026-11-24T08:00:00.124000 #7]  INFO -- : [{UUID}] Processing by "
    "OrdersController#show as HTML",
    f"I, [2026-11-24T08:00:00.173456 #7]  INFO -- : [{UUID}] Completed 200 OK in 50ms "
    "(Views: 30.0ms | ActiveRecord: 5.0ms | Allocations: 12345)",
]
RAILS_TAGGED = [
    f'[{UUID}] Started POST "/orders" for 127.0.0.1 at 2026-11-24 08:00:00 +0000',
    f"[{UUID}] Completed 500 Internal Server Error in 12ms (ActiveRecord: 2.0ms)",
]
SIDEKIQ = [
    "2026-11-24T08:00:00.000Z pid=7 tid=abc class=ReceiptJob "
    "jid=5bc1cf36a35f7ac6d3a2c1b0 INFO: start",
    "2026-11-24T08:00:00.500Z pid=7 tid=abc class=ReceiptJob "
    "jid=5bc1cf36a35f7ac6d3a2c1b0 elapsed=0.5 INFO: done",
]
LOG4J = [
    "08:00:00.123 [main] INFO  com.acme.Shop - started request_id=r-17",
    "08:00:00.223 [main] ERROR com.acme.Shop - failed request_id=r-17",
    "java.lang.IllegalStateException: no stock",
    "\tat com.acme.Shop.sell(Shop.java:42)",
    "\tat com.acme.Shop.main(Shop.java:7)",
    "Caused by: java.io.IOException: closed",
    "\t... 2 more",
]
LOGBACK = [
    "08:00:00.123 [main] INFO com.acme.Shop -- started request_id=r-17",
    '08:00:00.323 [main] INFO com.acme.Shop -request_id="r-17"- done',
]
SPRING_BOOT = [
    "2026-11-24T08:00:00.123Z  INFO 7 --- [shop] [nio-8080-exec-1] c.acme.Shop      "
    "     : started request_id=r-17",
]
GO_SLOG_TEXT = [
    'time=2026-11-24T08:00:00.000Z level=INFO msg="job started" job_id=15',
    'time=2026-11-24T08:00:00.250Z level=ERROR msg="job failed" job_id=15 err="full"',
]
GO_SLOG_JSON = [
    '{"time":"2026-11-24T08:00:00Z","level":"INFO","msg":"job started","job_id":15}',
    '{"time":"2026-11-24T08:00:01Z","level":"INFO","msg":"job done","job_id":15}',
]
GO_SLOG_DEFAULT = ["2026/11/24 08:00:00 INFO job started job_id=15"]
SYSLOG = [
    "Nov 24 08:00:00 box shop[7]: started task=72",
    "<165>1 2026-11-24T08:00:00.5Z box shop 7 - - done task=72",
]
JOURNAL_JSON = [
    '{"__REALTIME_TIMESTAMP":"1795507200000000","MESSAGE":"started task=72",'
    '"PRIORITY":"6","SYSLOG_IDENTIFIER":"shop","_PID":"7"}'
]
JOURNAL_EXPORT = (
    b"__CURSOR=s=1;i=2\n__REALTIME_TIMESTAMP=1795507200000000\nPRIORITY=6\n"
    b"SYSLOG_IDENTIFIER=shop\n_PID=7\nMESSAGE=started task=72\n\n"
    b"__CURSOR=s=1;i=3\n__REALTIME_TIMESTAMP=1795507200500000\nPRIORITY=3\n"
    b"SYSLOG_IDENTIFIER=shop\n_PID=7\nMESSAGE\n"
    + len(b"failed task=72\n\nno room").to_bytes(8, "little")
    + b"failed task=72\n\nno room\n\n"
)


def text(lines: list[str]) -> str:
    return "".join(line + "\n" for line in lines)


if __name__ == "__main__":  # to look at them
    sys.stdout.write(text(structlog_console() + gunicorn_access() + celery_worker()))
