"""Parse a line that is a JSON object: structlog, slog, loguru, zap, the journal.

    parsed = parse_json('{"event": "sold", "level": "info", "plan": "pro"}', clock)

The keys identify the library. An unknown key becomes a field with the same name.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from tracing_starter_kit.log_reader.formats.http_fields import (
    request_text,
    with_request,
)
from tracing_starter_kit.log_reader.formats.journal import journal_parsed
from tracing_starter_kit.log_reader.formats.key_values import key_values
from tracing_starter_kit.log_reader.formats.levels import severity
from tracing_starter_kit.log_reader.formats.times import MOST, Clock
from tracing_starter_kit.log_reader.model import ParsedLine, Value

# The keys in use, the usual first.
TIMES = (
    "timestamp", "time", "ts", "@timestamp", "asctime", "datetime", "date", "t",
    "eventTime", "instant", "@t", "timeMillis", "time_iso8601", "time_local", "t.$date",
)  # fmt: skip
LEVELS = (
    "level", "levelname", "severity", "lvl", "log.level", "loglevel", "log_level", "@l",
)  # fmt: skip
MESSAGES = ("message", "msg", "event", "text", "log", "@m", "@mt")
LOGGERS = ("logger", "logger_name", "loggerName", "log.logger", "name")
SERVICES = ("service.name", "service", "app")
# The name of a library, and keys that no other library writes together.
LIBRARIES = (
    ("structlog (JSON)", {"event"}),
    ("logback (JSON)", {"@timestamp", "logger_name", "thread_name"}),
    ("log4j (JSON)", {"loggerName", "thread"}),
    ("Go slog (JSON)", {"time", "level", "msg"}),
    ("Go zap (JSON)", {"ts", "level", "msg"}),
)
# Objects with a line's context: their fields count as the line's own.
CONTEXTS = {"ctx", "context", "contextMap", "mdc", "extra", "fields", "labels"}
DEEPEST = 4
INFINITIES = (float("inf"), float("-inf"))


def parse_json(line: str, clock: Clock) -> ParsedLine | None:
    """Parse a JSON object; return None for another line."""
    entry = load_json(line)
    if not isinstance(entry, dict):
        return None
    if "MESSAGE" in entry and "__REALTIME_TIMESTAMP" in entry:
        return journal_parsed(entry, "journald (JSON)")
    if isinstance(entry.get("record"), dict) and "text" in entry:
        return _loguru(entry["record"], clock)
    return _object(entry, clock)


def load_json(line: str) -> Any:
    """Return the value of a JSON text, or None for another text."""
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if "\\ud" in line or "\\uD" in line:
        # Half of a surrogate pair is not a character, and cannot be encoded.
        text = json.dumps(value, ensure_ascii=False)
        value = json.loads(text.encode(errors="replace"))
    return value


def _object(entry: dict[str, Any], clock: Clock) -> ParsedLine:
    context = {} if CONTEXTS.isdisjoint(entry) else _remove_contexts(entry)
    fields = dict(_flat(entry, "", 0))
    name = next((n for n, keys in LIBRARIES if keys <= fields.keys()), "JSON lines")
    if name.startswith("Go slog") and isinstance(entry["level"], int):
        name = "pino / bunyan (JSON)"
    time = _take(fields, TIMES)
    level = _take(fields, LEVELS)
    message = _take(fields, MESSAGES)
    service = _take(fields, SERVICES)
    if (logger := _take(fields, LOGGERS)) is not None:
        fields["logger"] = logger
    message = _take(context, MESSAGES) if message is None else message
    text = "" if message is None else str(message)
    fields = with_request(context | key_values(text) | fields)
    return ParsedLine(
        format=name,
        message=text or request_text(fields),
        time_ns=_instant(fields) if time is None else _time(time, clock),
        level="" if level is None else str(level),
        severity=severity(level) if isinstance(level, str | int) else 0,
        service=str(service or ""),
        fields=fields,
    )


def _remove_contexts(entry: dict[str, Any]) -> dict[str, Value]:
    """Remove the contexts from an entry, and return their values."""
    names = [k for k, v in entry.items() if k in CONTEXTS and isinstance(v, dict)]
    return {k: v for name in names for k, v in _flat(entry.pop(name), "", 1)}


def _loguru(record: dict[str, Any], clock: Clock) -> ParsedLine:
    """Parse a record of loguru's `serialize=True`."""
    level = str(_inside(record, "level", "name") or "")
    fields = dict(_flat(record.get("extra"), "", 0))
    fields |= {
        "logger": str(record.get("name")),
        "code.function.name": str(record.get("function")),
        "process.pid": int(_inside(record, "process", "id") or 0),
    }
    return ParsedLine(
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
    time_ns = second * 10**9 + nano
    return time_ns if 0 < time_ns <= MOST else None


def _take(fields: dict[str, Value], keys: tuple[str, ...]) -> Value | None:
    """Remove the first of the keys in the fields, and return its value."""
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
    """Return the value, as text if OTLP cannot express the number."""
    is_too_large = isinstance(value, int) and abs(value) >= 2**63
    if is_too_large or value in INFINITIES or value != value:
        return str(value)
    return value
