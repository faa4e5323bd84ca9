"""What a line of an access log says behind its columns: how long it took.

took(' "-" 0.250')      # {"request_time": 0.25}
"""

from __future__ import annotations

import re
from typing import Final

from tracing_starter_kit.log_reader.model import Value

# What follows an access log's line: nginx's $request_time, gunicorn's %(D)s; before it
# perhaps $http_x_forwarded_for, or a length.
SECONDS: Final = re.compile(r'(?:\s+(?:"(?:[^"\\]|\\.)*"|\d+))*?\s+(\d+\.\d+)(?:\s|\Z)')
MICROSECONDS: Final = re.compile(r'(?:\s+"(?:[^"\\]|\\.)*")*\s+(\d+)\Z')


def took(context: str) -> dict[str, Value]:
    """Return the duration in what follows the columns, if there is one."""
    if match := SECONDS.match(context):
        return {"request_time": float(match[1])}
    match = MICROSECONDS.match(context)
    return {"duration_us": int(match[1])} if match and len(match[1]) < 15 else {}
