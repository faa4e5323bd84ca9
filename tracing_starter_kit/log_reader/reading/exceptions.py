"""The exception in the lines below a record: its type, its message, its stack trace.

    exception_fields(traceback)["exception.type"]       # "ValueError"

Python names the exception below the trace, Java above it.
"""

from __future__ import annotations

import re
from typing import Final

from tracing_starter_kit.log_reader.model import Value

RAISED: Final = r"(?P<type>[A-Za-z_$][\w.$]*)(?:: (?P<message>.*))?"
PYTHON: Final = re.compile(rf"^(?!Traceback \(){RAISED}$", re.MULTILINE)
JAVA: Final = re.compile(rf"^{RAISED}\n\s+at ", re.MULTILINE)


def exception_fields(lines: str) -> dict[str, Value]:
    """Return the attributes that conventions have for an exception, if there is one."""
    match = None
    if "\tat " in lines or "  at " in lines:
        match = JAVA.search(lines)
    elif "Traceback (most recent call last)" in lines:
        match = next(reversed([*PYTHON.finditer(lines)]), None)
    if match is None:
        return {}
    found: dict[str, Value] = {
        "exception.type": match["type"],
        "exception.stacktrace": lines,
    }
    return found | ({"exception.message": match["message"]} if match["message"] else {})
