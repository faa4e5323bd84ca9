"""Find the ids of a line's task and request, the widest first.

    context = Ids().find(record)
    context.ids               # [Id("request", "8f3a"), Id("task", "72")]

Ids are found by name (`task=72`), by place (`Task shop.bill[0b0d2cb3-…] received`, `job
15 started`), and by the user's options. The last id is the line's own; those before it
belong to the tasks and requests around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining.field_names import FieldNames, Use
from tracing_starter_kit.log_reader.model import Record, Value

# Their field may hold a name: task=send_email, job=sync-s3, request="GET /v1 HTTP/1.1".
MAYBE_NAMES = {"trace", "request", "job", "task"}
# An id is a number, perhaps behind a word; hexadecimal; or a long text with 3 digits,
# or with capitals and a digit.
ID_LIKE = re.compile(
    r"[A-Za-z]{0,12}[-_:.#]?\d[\d.:/_-]*\Z"
    r"|(?=\D*\d)[0-9a-fA-F][0-9a-fA-F-]{3,}\Z"
    r"|(?=(?:[^\d\s/]*\d){3})[^\s/]{8,}\Z"
    r"|(?=\D*\d)(?=\S*[A-Z])(?=\S*[a-z])[\w@-]{20,}\Z"
)
NOTHING = {"", "-", "none", "null", "nil", "undefined", "0", "n/a"}
LONGEST = 200

UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# A position, as in `task 1 of 3`, and a status, as in `request 404 for /orders`.
NOT_AN_ID = (
    r"\d+ ?(?:of|out of|from|/) ?\d|(?<=request )[45]\d\d (?!start|end|done|fin)"
)
# A number that a program may count anew after its start; a longer one is unique.
LONGEST_COUNTER = 9  # digits
# The fields with the process of a line, which counts its own requests.
PROCESSES = ("process.pid", "pid", "process.id")
HOSTS = ("host.name", "hostname", "host")
# Celery's tasks, tasks by number, and the request id that servers print first.
PLACES = re.compile(
    rf"(?<![\w.])(?P<name>[A-Za-z_][\w.]*+)\[(?P<uuid>{UUID})\]"
    r"|\b(?P<noun>(?i:task|job|request|message))(?i: id)?[ :#]{1,2}"
    rf"#?(?!{NOT_AN_ID})"
    r"(?P<id>(?=[\w-]*\d)[\w-]++)(?=[ ,:;)\]]|\.?(?:\s|\Z))"
    r"|\(TID (?P<tid>\d+)\)"  # Spark's
    rf"|\bRunID (?P<run>{UUID})"  # Temporal's
    rf"|\A\[(?P<tag>{UUID}|req-[\w-]+|[0-9a-f]{{16,32}})\]"
)
# A fast check before PLACES: most lines have no id in such a place.
MAYBE_PLACES = re.compile(
    r"\[[0-9a-fr]|\(TID |RunID |(?i:task|job|request|message)[ :#]"
)
HEX = {16: re.compile(r"[0-9a-f]{16}"), 32: re.compile(r"[0-9a-f]{32}")}
# Google's projects/<name>/traces/<id>, X-Ray's Root=1-<time>-<id>.
TRACE_PREFIX = re.compile(r"projects/[^/]+/traces/|(?:Root=)?1-(?=[0-9a-f]{8}-)")
TRACEPARENT = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


class Id(NamedTuple):
    """An id with its noun: ("task", "72")."""

    noun: str
    value: str
    scope: str = ""  # the process that counts its requests, for such a number


class LineContext(NamedTuple):
    """The ids of a line, and its trace.

    Attributes:
        ids: The widest first; the last one is the line's own.
        parents: The parents of the line's own id; a noun of "" is the same noun.
        trace_id: The trace in which the line was written, "" for none.
        span_id: The span of that trace, "" for none.
    """

    ids: list[Id]
    parents: list[Id]
    trace_id: str
    span_id: str


class Ids:
    """Finds ids by the usual names and places, and by the user's."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        """Add the user's ids: names of fields, or regular expressions with one group.

        Raises:
            LogReaderError: A regular expression is invalid.
        """
        self._places = [_place(text) for text in own if "(" in text]
        self._names = FieldNames([text for text in own if "(" not in text])
        groups = (place.groupindex for place in self._places)
        self._own_nouns = self._names.own_nouns.union(*groups, {"id"})

    def find(self, record: Record) -> LineContext:
        """Return the ids of a line, and its trace."""
        values: dict[str, str] = {}
        parents: list[Id] = []
        context: dict[Use, str] = {}
        trace = ""
        fields = record.fields
        for name, role in self._names.roles(tuple(fields)):
            text = _id_text(role.noun, fields[name])
            if role.use is Use.ID and text:
                values.setdefault(role.noun, text)
                if role.noun == "trace":
                    trace = trace or _hexadecimal(text, 32)
            elif role.use is Use.PARENT and text:
                parents.append(Id(role.noun, text))
            else:
                context[role.use] = text
        self._add_by_place(record, values)
        ids = [
            Id(noun, text, self._scope(text, fields) if noun == "request" else "")
            for noun, text in values.items()
        ]
        if len(ids) > 1:
            ids.sort(key=lambda id_: self._names.width(id_.noun))
        trace_and_span = (
            _trace_context(trace, context) if trace or context else ("", "")
        )
        return LineContext(ids, parents, *trace_and_span)

    def is_counter(self, id_: Id) -> bool:
        """Tell whether an id may come back for something else.

        That is a number, unless the user's options name its noun.
        """
        is_number = len(id_.value) <= LONGEST_COUNTER and id_.value.isdecimal()
        return is_number and id_.noun not in self._own_nouns

    def _scope(self, number: str, fields: Mapping[str, Value]) -> str:
        """Return the process that counts its requests; tasks change their process."""
        if not self.is_counter(Id("request", number)):
            return ""
        return " ".join(str(fields.get(name, "")) for name in (*HOSTS, *PROCESSES))

    def _add_by_place(self, record: Record, values: dict[str, str]) -> None:
        message = record.message
        if MAYBE_PLACES.search(message) and (match := PLACES.search(message)):
            if match["uuid"]:
                values.setdefault("task", match["uuid"])
                record.fields.setdefault("task_name", match["name"])
            elif match["tid"]:
                values.setdefault("task", match["tid"])
            elif match["run"]:
                values.setdefault("run", match["run"])
            elif match["tag"]:
                values.setdefault("request", match["tag"])
            else:
                values.setdefault(match["noun"].lower(), match["id"])
        for place in self._places:
            if match := place.search(message):
                values[match.lastgroup or "id"] = match[match.lastindex or 0]


def enclosing_ids(child: Id) -> Iterator[Id]:
    """Yield the ids around an id by its form: 72 for 72.1."""
    for separator in "./:":
        head, _, tail = child.value.rpartition(separator)
        if head and tail:
            yield Id(child.noun, head, child.scope)


def _trace_context(trace_id: str, context: dict[Use, str]) -> tuple[str, str]:
    """Return the ids of the trace and the span in which a line was written."""
    parent = TRACEPARENT.fullmatch(context.get(Use.TRACEPARENT, "").lower())
    if parent:
        return parent[1], parent[2]
    span_id = _hexadecimal(context.get(Use.SPAN, ""), 16)
    return (trace_id, span_id) if trace_id else ("", "")


def _id_text(noun: str, value: Value) -> str:
    text = str(value)
    if noun == "trace":
        text = TRACE_PREFIX.sub("", text)
    if text.lower() in NOTHING or len(text) > LONGEST:
        return ""
    if noun in MAYBE_NAMES and not ID_LIKE.match(text):
        return ""
    return text


def _hexadecimal(text: str, length: int) -> str:
    text = text.lower().replace("-", "")
    return text if HEX[length].fullmatch(text) and text.strip("0") else ""


def _place(text: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise LogReaderError(
            f"--id {text!r} is not a regular expression: {error}."
        ) from None
    if pattern.groups != 1:
        raise LogReaderError(
            f"--id {text!r} needs one group around the id, such as 'order (\\d+)', or "
            "'order (?P<order>\\d+)' to name it; or name a field: --id order_id."
        )
    return pattern
