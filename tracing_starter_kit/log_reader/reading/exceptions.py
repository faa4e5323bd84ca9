"""Parse the exception in the lines below a record: type, message, stack trace.

    exception_fields(traceback)["exception.type"]       # "ValueError"

Python names the exception below the trace, Java above it.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.model import Value

RAISED = r"(?P<type>[A-Za-z_$][\w.$]*)(?:: (?P<message>.*))?"
PYTHON = re.compile(rf"^(?!Traceback \(){RAISED}$", re.MULTILINE)
RUBY = re.compile(
    r"^(?P<type>[A-Z]\w*(?:::\w+)*) \((?P<message>.*)\):?\n\S+\.rb:\d+:in ",
    re.MULTILINE,
)
WITHOUT_TRACE = re.compile(
    r"\s*(?P<type>(?:[a-z_]\w*\.)+[A-Z]\w*(?:Error|Exception))(?:: (?P<message>.*))?$",
    re.MULTILINE,
)
JAVA = re.compile(rf"^{RAISED}\n\s+at ", re.MULTILINE)


def exception_fields(lines: str) -> dict[str, Value]:
    """Return the exception's attributes by their conventional names; {} for none."""
    match = None
    if "\tat " in lines or "  at " in lines:
        match = JAVA.search(lines)
    elif ".rb:" in lines:
        match = RUBY.search(lines)
    elif "Traceback (most recent call last)" in lines:
        match = next(reversed([*PYTHON.finditer(lines)]), None)
    match = match or WITHOUT_TRACE.match(lines)
    if match is None:
        return {}
    fields: dict[str, Value] = {
        "exception.type": match["type"],
        "exception.stacktrace": lines,
    }
    if match["message"]:
        fields["exception.message"] = match["message"]
    return fields
