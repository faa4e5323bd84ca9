"""Which task or request a line belongs to: the ids in it, the widest first.

    Ids().find(record)     # [Id("request", "8f3a"), Id("task", "72")]

By name (`task=72`), by place (`Task shop.bill[0b0d2cb3-…] received`, `job 15 started`),
and by what the user names. The last one is the line's own; those before it are around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from log_reader.errors import LogReaderError
from log_reader.model import Record, Value


class Id(NamedTuple):
    """An id and what it is the id of: ("task", "72")."""

    noun: str
    value: str


# From the widest to the narrowest; a name is compared without case, dots and dashes.
NOUNS: Final = {
    **dict.fromkeys(("trace_id", "traceid", "trace"), "trace"),
    **dict.fromkeys(
        ("correlation_id", "correlationid", "x_correlation_id"), "correlation"
    ),
    **dict.fromkeys(
        (
            "request_id",
            "requestid",
            "req_id",
            "reqid",
            "rid",
            "x_request_id",
            "request",
        ),
        "request",
    ),
    **dict.fromkeys(("transaction_id", "transactionid", "txn_id"), "transaction"),
    **dict.fromkeys(("job_id", "jobid", "jid", "job"), "job"),
    **dict.fromkeys(("task_id", "taskid", "task", "task_uuid"), "task"),
    **dict.fromkeys(("message_id", "messageid", "msg_id"), "message"),
}
WIDTH: Final = {noun: width for width, noun in enumerate(dict.fromkeys(NOUNS.values()))}
NARROWEST: Final = len(WIDTH)
PARENT: Final = re.compile(r"(?:parent|root)(?:_(?P<noun>\w+?))??(?:_?id)?\Z")
# These may hold a name too: task=send_email. An id has a digit.
MAYBE_NAMES: Final = {"trace", "request", "job", "task"}
NOTHING: Final = {"", "-", "none", "null", "nil", "undefined", "0", "n/a"}
LONGEST: Final = 200

UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
# Celery, and tasks by number; requests by the id that servers print before a message.
PLACES: Final = re.compile(
    rf"(?:\b[Tt]ask )?(?P<name>[A-Za-z_][\w.]*)\[(?P<uuid>{UUID})\]"
    r"|\b(?P<noun>[Tt]ask|[Jj]ob|[Rr]equest|[Mm]essage)(?: id)?[ :#]{1,2}"
    r"#?(?P<id>[\w-]*\d[\w-]*)(?=[ ,:;)\]]|\.?(?:\s|\Z))"
    rf"|\A\[(?P<tag>{UUID}|req-[\w-]+|[0-9a-f]{{16,32}})\]"
)
HAS_DIGIT: Final = re.compile(r"\d")
HEX: Final = {16: re.compile(r"[0-9a-f]{16}"), 32: re.compile(r"[0-9a-f]{32}")}
TRACE_NAMES: Final = {"trace_id", "traceid", "trace", "oteltrace_id", "otel_trace_id"}
SPAN_NAMES: Final = {"span_id", "spanid", "span", "otelspan_id", "otel_span_id"}
TRACEPARENT: Final = re.compile(
    r"[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}"
)


def outer(child: Id) -> Iterator[Id]:
    """Yield the ids that one is nested in by its form: 72 for 72.1."""
    for separator in "./:":
        head, _, tail = child.value.rpartition(separator)
        if head and tail:
            yield Id(child.noun, head)


class Ids:
    """Finds ids by the usual names and places, and by the user's."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        """Take further ids: names of fields, or regular expressions with one group.

        Raises:
            LogReaderError: One is neither.
        """
        self._places = [_place(text) for text in own if "(" in text]
        names = [text for text in own if "(" not in text]
        self._nouns = NOUNS | {plain(n): plain(n).removesuffix("_id") for n in names}
        self._width = WIDTH | {
            self._nouns[plain(name)]: NARROWEST + at for at, name in enumerate(names)
        }
        self._known: dict[str, str] = {}  # names as they stand in logs, plain

    def find(self, record: Record) -> list[Id]:
        """Return the ids of a line, the widest first."""
        found = {
            noun: text
            for name, value in record.fields.items()
            if (noun := self._nouns.get(self._plain(name)))
            and (text := _id_text(noun, value))
        }
        if match := PLACES.search(record.message):
            noun, text = _by_place(match)
            found.setdefault(noun, text)
            if match["name"]:
                record.fields.setdefault("task_name", match["name"])
        for place in self._places:
            if match := place.search(record.message):
                noun = match.lastgroup or "id"
                found[noun] = match[match.lastindex or 0]
        ids = [Id(noun, text) for noun, text in found.items()]
        return sorted(ids, key=self._by_width) if len(ids) > 1 else ids

    def parents(self, record: Record, child: Id) -> Iterator[Id]:
        """Yield what a line names as its parent: parent=70, root_id=70."""
        for name, value in record.fields.items():
            if match := PARENT.match(self._plain(name)):
                noun = self._nouns.get(match["noun"]) if match["noun"] else child.noun
                if noun and (text := _id_text(noun, value)):
                    yield Id(noun, text)

    def _plain(self, name: str) -> str:
        known = self._known.get(name)
        if known is None:
            if len(self._known) > 10_000:
                self._known.clear()
            known = self._known[name] = plain(name)
        return known

    def _by_width(self, found: Id) -> int:
        return self._width.get(found.noun, NARROWEST + 99)


def context_of(record: Record) -> tuple[str, str]:
    """Return the (trace id, span id) that a line carries, each "" for none."""
    trace_id = span_id = ""
    for name, value in record.fields.items():
        # An id may happen to have no letters.
        text = str(value) if isinstance(value, str | int) else ""
        if len(text) < 16:
            continue
        bare = plain(name)
        if bare in TRACE_NAMES:
            trace_id = trace_id or _hexadecimal(text, 32)
        elif bare in SPAN_NAMES:
            span_id = span_id or _hexadecimal(text, 16)
        elif bare == "traceparent" and (match := TRACEPARENT.fullmatch(text.lower())):
            trace_id, span_id = match.groups()
    return (trace_id, span_id) if trace_id else ("", "")


def plain(name: str) -> str:
    """Return a name of a field as the tables have it: requestId is request_id."""
    name = re.sub(r"(?<=[a-z])I[dD]\b", "_id", name)
    return name.lower().replace("-", "_").replace(".", "_")


def _id_text(noun: str, value: Value) -> str:
    text = str(value)
    if text.lower() in NOTHING or len(text) > LONGEST:
        return ""
    if noun in MAYBE_NAMES and not HAS_DIGIT.search(text):
        return ""
    return text


def _by_place(match: re.Match[str]) -> Id:
    if match["uuid"]:
        return Id("task", match["uuid"])
    if match["tag"]:
        return Id("request", match["tag"])
    return Id(match["noun"].lower(), match["id"])


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
