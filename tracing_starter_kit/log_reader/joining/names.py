"""Name spans: by the kind of task, the request, or the message without its values.

    template("Task complete (email sent to ada@example.com) task=74")
    # Task complete (email sent to …)

Spans of one kind have the same name, so that they can be counted; ids are attributes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from tracing_starter_kit.log_reader.joining.ids import Id
from tracing_starter_kit.log_reader.model import Value

# The fields with the kind of a task.
KIND_FIELDS = (
    "task_name", "job_name", "task", "job", "class", "job_class", "task_type",
    "job_type", "type",
)  # fmt: skip
A_NAME = re.compile(r"(?!None|True|False)[A-Za-z_][\w.:#/-]{0,99}")
# The values in a message, which differ between lines of the same kind.
PAIR = re.compile(r"\s*\b[\w.-]+=(?:\"[^\"]*\"|\S+)")
VARIABLE = re.compile(
    r"\"[^\"]*\"|'[^']*'|[^\s([]*[\d@][^\s)\],;]*|(?<=\[)[^\]]*(?=\])"
)
# Parts of a path that look like an id.
PATH_ID = re.compile(
    r"(?<=/)(?!v\d\d?(?:/|\Z))(?:[^/]*\d[^/]*|[0-9a-fA-F-]{16,}|[^/]{40,})(?=/|\Z)"
)
LONGEST = 80
EXAMINED = 400  # characters; longer than a name, as values are removed


def label(id_: Id, lines: Iterable[Mapping[str, Value]]) -> str:
    """Return the kind of task that a field names, or else the id's noun."""
    for fields in lines:
        for name in KIND_FIELDS:
            value = fields.get(name, "")
            if value and value != id_.value and A_NAME.fullmatch(str(value)):
                return str(value)
    return id_.noun


def request_name(fields: Mapping[str, Value]) -> str:
    """Return `GET /orders/{id}`, or "" for fields without a request."""
    method, path = fields.get("http.request.method"), str(fields.get("url.path", ""))
    return f"{method} {PATH_ID.sub('{id}', path)[:100]}".strip() if method else ""


def template(message: str) -> str:
    """Return a message's first line without its values."""
    line = PAIR.sub("", message.partition("\n")[0][:EXAMINED])
    return " ".join(VARIABLE.sub("…", line).split())[:LONGEST]
