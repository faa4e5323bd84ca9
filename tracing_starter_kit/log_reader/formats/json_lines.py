"""A line that is a JSON object: structlog, slog, loguru, zap, the journal, and others.

    parsed = parse_json('{"event": "sold", "level": "info", "plan": "pro"}', clock)

Which library wrote it is told by its keys; what is not known is a field under its name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tracing_starter_kit.log_reader.formats.http_fields import (
    request_text,
    with_request,
)
from tracing_starter_kit.log_reader.formats.journal import journal_parsed
from tracing_starter_kit.log_reader.formats.key_values import key_values
from tracing_starter_kit.log_reader.formats.levels import severity
from tracing_starter_kit.log_reader.formats.times import MOST, Clock
from tracing_starter_kit.log_reader.model import Parsed, Value

# The keys in use, the usual first.
TIMES: Final = (
    *("timestamp", "time", "ts", "@timestamp", "asctime", "datetime", "date", "t"),
    *("eventTime", "instant", "@t", "timeMillis", "time_iso8601", "time_local"),
    "t.$date",
)
LEVELS: Final = (
    *("level", "levelname", "severity", "lvl", "log.level", "loglevel", "log_level"),
    "@l",
)
MESSAGES: Final = ("message", "msg", "event", "text", "log", "@m", "@mt")
LOGGERS: Final = ("logger", "logger_name", "loggerName", "log.logger", "name")
SERVICES: Final = ("service.name", "service", "app")
# What gives the library away: its name, and keys that only it has together.
LIBRARIES: Final = (
    ("structlog (JSON)", {"event"}),
    ("logback (JSON)", {"@timestamp", "logger_name", "thread_name"}),
    ("log4j (JSON)", {"loggerName", "thread"}),
    ("Go slog (JSON)", {"time", "level", "msg"}),
    ("Go zap (JSON)", {"ts", "level", "msg"}),
)
# What programs put around a line: its names are the line's own.
CONTEXTS: Final = {"ctx", "context", "contextMap", "mdc", "extra", "fields", "labels"}
DEEPEST: Final = 4
NO_NUMBERS: Final = (float("inf"), float("-inf"))


def parse_json(line: str, clock: Clock) -> Parsed | None:
    """Return what a JSON object says, or None for what is none."""
    found = loaded(line)
    if not isinstance(found, dict):
        return None
    if "MESSAGE" in found and "__REALTIME_TIMESTAMP" in found:
        return journal_parsed(found, "journald (JSON)")
    if isinstance(found.get("record"), dict) and "text" in found:
        return _loguru(found["record"], clock)
    return _object(found, clock)


def loaded(line: str) -> Any:
    """Return what a JSON text says, or None for what is none."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if "\\ud" in line or "\\uD" in line:
        # Half of a surrogate pair is no character, and nothing would take it.
        text = json.dumps(found, ensure_ascii=False)
        found = json.loads(text.encode(errors="replace"))
    return found


def _object(found: dict[str, Any], clock: Clock) -> Parsed:
    around = {} if CONTEXTS.isdisjoint(found) else _contexts_of(found)
    fields = dict(_flat(found, "", 0))
    name = next((n for n, keys in LIBRARIES if keys <= fields.keys()), "JSON lines")
    if name.startswith("Go slog") and isinstance(found["level"], int):
        name = "pino / bunyan (JSON)"
    time = _take(fields, TIMES)
    level = _take(fields, LEVELS)
    message = _take(fields, MESSAGES)
    service = _take(fields, SERVICES)
    if (logger := _take(fields, LOGGERS)) is not None:
        fields["logger"] = logger
    message = _take(around, MESSAGES) if message is None else message
    text = "" if message is None else str(message)
    fields = with_request(around | key_values(text) | fields)
    return Parsed(
        format=name,
        message=text or request_text(fields),
        time_ns=_instant(fields) if time is None else _time(time, clock),
        level="" if level is None else str(level),
        severity=severity(level) if isinstance(level, str | int) else 0,
        service=str(service or ""),
        fields=fields,
    )


def _contexts_of(found: dict[str, Any]) -> dict[str, Value]:
    """Take the contexts out, and return the values in them."""
    parts = [k for k, v in found.items() if k in CONTEXTS and isinstance(v, dict)]
    return {k: v for name in parts for k, v in _flat(found.pop(name), "", 1)}


def _loguru(record: dict[str, Any], clock: Clock) -> Parsed:
    """Return a record of loguru's `serialize=True`."""
    level = str(_inside(record, "level", "name") or "")
    fields = dict(_flat(record.get("extra"), "", 0))
    fields |= {
        "logger": str(record.get("name")),
        "code.function.name": str(record.get("function")),
        "process.pid": int(_inside(record, "process", "id") or 0),
    }
    return Parsed(
        format="loguru (JSON)",
        message=str(record.get("message", "")),
        time_ns=_time(_inside(record, "time", "timestamp"), clock),
        level=level,
        severity=severity(level),
        fields=fields,
    )


def _inside(record: Mapping[str, Any], key: str, inner: str) -> Any:
    value = record.get(key)
    return value.get(inner) if isinstance(value, dict) else None


def _time(value: Any, clock: Clock) -> int | None:
    if isinstance(value, str):
        return clock.read(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return clock.read_number(value)
    return None


def _instant(fields: dict[str, Value]) -> int | None:
    """Return log4j's time in two numbers, and remove them."""
    second = fields.pop("instant.epochSecond", None)
    nano = fields.pop("instant.nanoOfSecond", 0)
    if not isinstance(second, int) or not isinstance(nano, int):
        return None
    found = second * 10**9 + nano
    return found if 0 < found <= MOST else None


def _take(fields: dict[str, Value], keys: tuple[str, ...]) -> Value | None:
    """Remove the first of the keys that is there and return its value."""
    return next((fields.pop(key) for key in keys if key in fields), None)


def _flat(value: Any, prefix: str, depth: int) -> Iterator[tuple[str, Value]]:
    """Yield the values of an object, those of inner ones by dotted names."""
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        name = prefix + key
        if isinstance(item, dict) and depth < DEEPEST:
            yield from _flat(item, name + ".", depth + 1)
        elif isinstance(item, bool | int | float | str):
            yield name, _whole(item)
        elif item is not None:
            yield name, json.dumps(item, ensure_ascii=False)


def _whole(value: bool | float | str) -> Value:  # noqa: FBT001 - it is a value
    """Return the value, as text where OTLP has no number for it."""
    too_large = isinstance(value, int) and abs(value) >= 2**63
    return str(value) if too_large or value in NO_NUMBERS or value != value else value
