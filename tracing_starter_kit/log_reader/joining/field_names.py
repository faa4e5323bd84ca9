"""What the name of a field tells: an id of what, a parent's id, a trace's context.

    names = FieldNames(["order_id"])
    names.roles(("requestId", "plan"))      # [("requestId", Role(Use.ID, "request"))]
    names.roles(("order_id",))              # [("order_id", Role(Use.ID, "order"))]

Names are compared without case, dots and dashes; what was asked once is remembered, as
the lines of a program have the same few sets of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import Final, NamedTuple

# From the widest to the narrowest.
NOUNS: Final = {
    **dict.fromkeys(("trace_id", "traceid", "trace"), "trace"),
    **dict.fromkeys(("oteltrace_id", "otel_trace_id"), "trace"),
    **dict.fromkeys(("correlation_id", "correlationid"), "correlation"),
    "x_correlation_id": "correlation",
    **dict.fromkeys(("request_id", "requestid", "req_id", "reqid", "rid"), "request"),
    **dict.fromkeys(("x_request_id", "request"), "request"),
    **dict.fromkeys(("transaction_id", "transactionid", "txn_id"), "transaction"),
    **dict.fromkeys(("job_id", "jobid", "jid", "job"), "job"),
    **dict.fromkeys(("task_id", "taskid", "task", "task_uuid"), "task"),
    **dict.fromkeys(("message_id", "messageid", "msg_id"), "message"),
}
NARROWEST: Final = len(NOUNS)
SPANS: Final = {"span_id", "spanid", "span", "otelspan_id", "otel_span_id"}
PARENT: Final = re.compile(r"(?:parent|root)(?:_(?P<noun>\w+?))??(?:_?id)?\Z")
MOST_REMEMBERED: Final = 1_000


class Use(Enum):
    """What a field is good for."""

    ID = auto()
    PARENT = auto()
    SPAN = auto()
    TRACEPARENT = auto()


class Role(NamedTuple):
    """The use of a field, and what it is the id of; "" is the same as the line's."""

    use: Use
    noun: str = ""


class FieldNames:
    """Knows the usual names, and the user's."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        """Take further names of ids, the narrowest last."""
        mine = {plain(name): plain(name).removesuffix("_id") for name in own}
        self._nouns = NOUNS | mine
        order = [*dict.fromkeys([*NOUNS.values(), *mine.values()])]
        self._widths = {noun: width for width, noun in enumerate(order)}
        self._known: dict[tuple[str, ...], list[tuple[str, Role]]] = {}

    def roles(self, names: tuple[str, ...]) -> list[tuple[str, Role]]:
        """Return those of the names that are good for something, and for what."""
        known = self._known.get(names)
        if known is None:
            if len(self._known) > MOST_REMEMBERED:
                self._known.clear()
            roles = ((name, self._role(plain(name))) for name in names)
            known = self._known[names] = [(name, role) for name, role in roles if role]
        return known

    def width(self, noun: str) -> int:
        """Return a number that is smaller for what is around others."""
        return self._widths.get(noun, NARROWEST)

    def _role(self, name: str) -> Role | None:
        if noun := self._nouns.get(name):
            return Role(Use.ID, noun)
        if name in SPANS:
            return Role(Use.SPAN)
        if name == "traceparent":
            return Role(Use.TRACEPARENT)
        match = PARENT.match(name)
        noun = match["noun"] if match else None
        known = match and (not noun or noun in self._nouns)
        return Role(Use.PARENT, self._nouns.get(noun or "", "")) if known else None


def plain(name: str) -> str:
    """Return a name of a field as the table has it: requestId is request_id."""
    name = re.sub(r"(?<=[a-z])I[dD]\b", "_id", name)
    return name.lower().replace("-", "_").replace(".", "_")
