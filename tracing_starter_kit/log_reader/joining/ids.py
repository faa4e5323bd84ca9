"""Which task or request a line belongs to: the ids in it, the widest first.

    found = Ids().find(record)
    found.ids                 # [Id("request", "8f3a"), Id("task", "72")]

By name (`task=72`), by place (`Task shop.bill[0b0d2cb3-…] received`, `job 15 started`),
and by what the user names. The last one is the line's own; those before it are around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining.field_names import FieldNames, Use
from tracing_starter_kit.log_reader.model import Record, Value

# These may hold a name too: task=send_email, job=sync-s3, request="GET /v1 HTTP/1.1".
MAYBE_NAMES: Final = {"trace", "request", "job", "task"}
# An id is a number, perhaps behind a word; hexadecimal; or of many kinds of characters.
ID_LIKE: Final = re.compile(
    r"[A-Za-z]{0,12}[-_:.#]?\d[\d.:/_-]*\Z"
    r"|(?=\D*\d)[0-9a-fA-F][0-9a-fA-F-]{3,}\Z"
    r"|(?=(?:[^\d\s/]*\d){3})[^\s/]{8,}\Z"
)
NOTHING: Final = {"", "-", "none", "null", "nil", "undefined", "0", "n/a"}
LONGEST: Final = 200

UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Celery, and tasks by number; requests by the id that servers print before a message.
PLACES: Final = re.compile(
    rf"(?<![\w.])(?P<name>[A-Za-z_][\w.]*+)\[(?P<uuid>{UUID})\]"
    r"|\b(?P<noun>(?i:task|job|request|message))(?i: id)?[ :#]{1,2}"
    r"#?(?P<id>(?=[\w-]*\d)[\w-]++)(?=[ ,:;)\]]|\.?(?:\s|\Z))"
    rf"|\A\[(?P<tag>{UUID}|req-[\w-]+|[0-9a-f]{{16,32}})\]"
)
# A quick look for what all of these have: most lines have none of them.
MAYBE_PLACES: Final = re.compile(r"\[[0-9a-fr]|(?i:task|job|request|message)[ :#]")
HEX: Final = {16: re.compile(r"[0-9a-f]{16}"), 32: re.compile(r"[0-9a-f]{32}")}
TRACEPARENT: Final = re.compile(
    r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}"
)


class Id(NamedTuple):
    """An id and what it is the id of: ("task", "72")."""

    noun: str
    value: str


class Found(NamedTuple):
    """What a line says of where it belongs.

    Attributes:
        ids: The widest first; the last one is the line's own.
        parents: What it names as the parent of its own; a noun of "" is the same noun.
        trace_id: The trace in which it was written, "" for none.
        span_id: The span of that trace, "" for none.
    """

    ids: list[Id]
    parents: list[Id]
    trace_id: str
    span_id: str


class Ids:
    """Finds ids by the usual names and places, and by the user's."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        """Take further ids: names of fields, or regular expressions with one group.

        Raises:
            LogReaderError: One is neither.
        """
        self._places = [_place(text) for text in own if "(" in text]
        self._names = FieldNames([text for text in own if "(" not in text])

    def find(self, record: Record) -> Found:
        """Return the ids of a line, and its context."""
        ids: dict[str, str] = {}
        parents: list[Id] = []
        context: dict[Use, str] = {}
        trace = ""
        fields = record.fields
        for name, role in self._names.roles(tuple(fields)):
            text = _id_text(role.noun, fields[name])
            if role.use is Use.ID and text:
                ids.setdefault(role.noun, text)
                if role.noun == "trace":
                    trace = trace or _hexadecimal(text, 32)
            elif role.use is Use.PARENT and text:
                parents.append(Id(role.noun, text))
            else:
                context[role.use] = text
        self._by_place(record, ids)
        found = [Id(noun, text) for noun, text in ids.items()]
        if len(found) > 1:
            found.sort(key=lambda id_: self._names.width(id_.noun))
        where = _context(trace, context) if trace or context else ("", "")
        return Found(found, parents, *where)

    def _by_place(self, record: Record, ids: dict[str, str]) -> None:
        message = record.message
        if MAYBE_PLACES.search(message) and (match := PLACES.search(message)):
            if match["uuid"]:
                ids.setdefault("task", match["uuid"])
                record.fields.setdefault("task_name", match["name"])
            elif match["tag"]:
                ids.setdefault("request", match["tag"])
            else:
                ids.setdefault(match["noun"].lower(), match["id"])
        for place in self._places:
            if match := place.search(message):
                ids[match.lastgroup or "id"] = match[match.lastindex or 0]


def outer(child: Id) -> Iterator[Id]:
    """Yield the ids that one is nested in by its form: 72 for 72.1."""
    for separator in "./:":
        head, _, tail = child.value.rpartition(separator)
        if head and tail:
            yield Id(child.noun, head)


def _context(trace_id: str, context: dict[Use, str]) -> tuple[str, str]:
    parent = TRACEPARENT.fullmatch(context.get(Use.TRACEPARENT, "").lower())
    if parent:
        return parent[1], parent[2]
    span_id = _hexadecimal(context.get(Use.SPAN, ""), 16)
    return (trace_id, span_id) if trace_id else ("", "")


def _id_text(noun: str, value: Value) -> str:
    text = str(value)
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
            f"--id {text!r} is no regular expression: {error}."
        ) from None
    if pattern.groups != 1:
        raise LogReaderError(
            f"--id {text!r} needs one group around the id, such as 'order (\\d+)', or "
            "'order (?P<order>\\d+)' to name it; or give a field's name: --id order_id."
        )
    return pattern
