"""Parse the duration behind the columns of an access log's line.

    duration_field(' "-" 0.250')           # {"request_time": 0.25}
    duration_field(' "-" 2117544 2')       # {"duration_us": 2117544}

A fraction is in seconds. A whole number is probably in microseconds, as Apache's %D and
gunicorn's %(D)s; it is certain if the seconds, %T, stand beside it.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.model import UNIT, Value

# nginx's $request_time and gunicorn's %(D)s, perhaps behind $http_x_forwarded_for or a
# length.
SECONDS = re.compile(r'(?:\s+(?:"(?:[^"\\]|\\.)*"|\d+))*?\s+(\d+\.\d+)(?:\s|\Z)')
WHOLE = re.compile(
    r'(?:\s+"(?:[^"\\]|\\.)*")*\s+(?P<first>\d{1,14})'
    r"(?:[ /](?P<second>\d{1,14}))?\s*\Z"
)
MILLION = 10**6


def duration_field(context: str) -> dict[str, Value]:
    """Return the duration in the text behind the columns; {} for none."""
    if match := SECONDS.match(context):
        return {"request_time": float(match[1])}
    match = WHOLE.match(context)
    if match and match["second"]:
        return _pair(*sorted((int(match["first"]), int(match["second"]))))
    return {"duration": int(match["first"]), UNIT: "us"} if match else {}


def _pair(seconds: int, micros: int) -> dict[str, Value]:
    """Return the duration that two numbers state, if they are equal."""
    if not 0 <= micros - seconds * MILLION < MILLION:
        return {}  # such as Apache's %I %O, the bytes that were read and written
    certain: dict[str, Value] = {"duration_us": micros}
    return certain if seconds else {"duration": micros, UNIT: "us"}
