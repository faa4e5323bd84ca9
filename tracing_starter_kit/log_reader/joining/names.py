"""What spans are called: by the kind of task, the request, or the message without ids.

    template("Task complete (email sent to ada@example.com) task=74")
    # Task complete (email sent to …)

Names are few, so that spans of one kind can be counted together; ids are attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.model import Value

# Where a line says what kind of task it is.
NAMES: Final = (
    *("task_name", "job_name", "task", "job", "class", "job_class", "task_type"),
    *("job_type", "type"),
)
A_NAME: Final = re.compile(r"(?!None|True|False)[A-Za-z_][\w.:#/-]{0,99}")
# What changes from one line to the next of the same kind.
PAIR: Final = re.compile(r"\s*\b[\w.-]+=(?:\"[^\"]*\"|\S+)")
VARIABLE: Final = re.compile(
    r"\"[^\"]*\"|'[^']*'|[^\s([]*[\d@][^\s)\],;]*|(?<=\[)[^\]]*(?=\])"
)
# Parts of a path that look like the id of something.
PATH_ID: Final = re.compile(
    r"(?<=/)(?:[^/]*\d[^/]*|[0-9a-fA-F-]{16,}|[^/]{40,})(?=/|\Z)"
)
LONGEST: Final = 80
LOOKED_AT: Final = 400  # what changes is left out, so more than is shown


def label(found: Id, lines: Iterable[Mapping[str, Value]]) -> str:
    """Return the kind of task that its lines name, or else what the id is of."""
    for fields in lines:
        for name in NAMES:
            value = fields.get(name, "")
            if value and value != found.value and A_NAME.fullmatch(str(value)):
                return str(value)
    return found.noun


def request_name(fields: Mapping[str, Value]) -> str:
    """Return `GET /orders/{id}`, or nothing where no request is told of."""
    method, path = fields.get("http.request.method"), str(fields.get("url.path", ""))
    return f"{method} {PATH_ID.sub('{id}', path)[:100]}".strip() if method else ""


def template(message: str) -> str:
    """Return a message's first line without what changes."""
    line = PAIR.sub("", message.partition("\n")[0][:LOOKED_AT])
    return " ".join(VARIABLE.sub("…", line).split())[:LONGEST]
