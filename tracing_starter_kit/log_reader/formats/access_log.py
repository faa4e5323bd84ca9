"""Parse the duration behind the columns of an access log's line.

    duration_field(' "-" 0.250')      # {"request_time": 0.25}

A fraction is in seconds, a whole number in microseconds.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.model import Value

# nginx's $request_time and gunicorn's %(D)s, perhaps behind $http_x_forwarded_for or a
# length.
SECONDS = re.compile(r'(?:\s+(?:"(?:[^"\\]|\\.)*"|\d+))*?\s+(\d+\.\d+)(?:\s|\Z)')
MICROSECONDS = re.compile(r'(?:\s+"(?:[^"\\]|\\.)*")*\s+(\d+)\Z')


def duration_field(context: str) -> dict[str, Value]:
    """Return the duration in the text behind the columns; {} for none."""
    if match := SECONDS.match(context):
        return {"request_time": float(match[1])}
    match = MICROSECONDS.match(context)
    return {"duration_us": int(match[1])} if match and len(match[1]) < 15 else {}
