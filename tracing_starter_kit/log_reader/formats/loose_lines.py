"""Parse lines without a pattern: pairs of key=value, or a time somewhere in a text.

    parse_logfmt('time=2026-11-24T08:00:00Z level=INFO msg="sold"', clock)

Both are tried after the table of formats.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.formats.http_fields import (
    request_text,
    with_request,
)
from tracing_starter_kit.log_reader.formats.json_lines import LEVELS, MESSAGES, TIMES
from tracing_starter_kit.log_reader.formats.key_values import key_values
from tracing_starter_kit.log_reader.formats.levels import severity
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.model import ParsedLine, Value

PLAIN = "plain text"
TIME_WITHIN = "text with a time in it"
TIME_INSIDE = re.compile(
    r"\S.{0,60}?\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
    r"(?: ?(?:Z\b|[+-]\d\d:?\d\d\b))?)"
)
LOGFMT = re.compile(r'[A-Za-z_@][\w.@-]*=(?:"|[^\s=]*(?:\s+[A-Za-z_@][\w.@-]*=|\Z))')


def parse_logfmt(text: str, clock: Clock) -> ParsedLine | None:
    """Parse a line of key=value pairs; return None for another line."""
    if not LOGFMT.match(text):
        return None
    fields = key_values(text)
    is_slog = [*fields][:3] == ["time", "level", "msg"]
    time, level, message = (_take(fields, keys) for keys in (TIMES, LEVELS, MESSAGES))
    fields = with_request(fields)
    return ParsedLine(
        format="Go slog" if is_slog else "key=value",
        message=message or request_text(fields) or text,
        time_ns=clock.read(time) if time else None,
        severity=severity(level),
        level=level,
        fields=fields,
    )


def parse_time_inside(text: str, clock: Clock) -> ParsedLine | None:
    """Parse a line with a time near its beginning; return None for another line."""
    match = TIME_INSIDE.match(text)
    time = clock.read(match[1]) if match else None
    fields = key_values(text)
    return ParsedLine(TIME_WITHIN, text, time, fields=fields) if time else None


def _take(fields: dict[str, Value], keys: tuple[str, ...]) -> str:
    return next((str(fields.pop(key)) for key in keys if key in fields), "")
