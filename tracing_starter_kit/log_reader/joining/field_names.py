"""Find the fields with an id, a parent's id or a trace's context, by their names.

    names = FieldNames(["order_id"])
    names.roles(("requestId", "plan"))      # [("requestId", Role(Use.ID, "request"))]
    names.roles(("order_id",))              # [("order_id", Role(Use.ID, "order"))]

Names are compared without case, dots and dashes. Results are cached, as a program's
lines have few different sets of names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum, auto
from typing import NamedTuple

# From the widest to the narrowest.
NOUNS = {
    **dict.fromkeys(("trace_id", "traceid", "trace"), "trace"),
    **dict.fromkeys(("oteltrace_id", "otel_trace_id"), "trace"),
    # Google Cloud, Serilog, Datadog, X-Ray
    **dict.fromkeys(("logging_googleapis_com/trace", "@tr", "dd_trace_id"), "trace"),
    **dict.fromkeys(("xray_trace_id", "x_amzn_trace_id", "xray_traceid"), "trace"),
    **dict.fromkeys(("correlation_id", "correlationid"), "correlation"),
    "x_correlation_id": "correlation",
    **dict.fromkeys(("request_id", "requestid", "req_id", "reqid", "rid"), "request"),
    **dict.fromkeys(("x_request_id", "request"), "request"),
    **dict.fromkeys(("transaction_id", "transactionid", "txn_id"), "transaction"),
    **dict.fromkeys(("job_id", "jobid", "jid", "job"), "job"),
    **dict.fromkeys(("task_id", "taskid", "task", "task_uuid"), "task"),
    **dict.fromkeys(("message_id", "messageid", "msg_id"), "message"),
}
NARROWEST = len(NOUNS)
SPANS = {"span_id", "spanid", "span", "otelspan_id", "otel_span_id", "@sp"}
SPANS.add("logging_googleapis_com/span_id")
PARENT = re.compile(r"(?:parent|root)(?:_(?P<noun>\w+?))??(?:_?id)?\Z")
CACHED = 1_000


class Use(Enum):
    """The use of a field."""

    ID = auto()
    PARENT = auto()
    SPAN = auto()
    TRACEPARENT = auto()


class Role(NamedTuple):
    """The use of a field, and the noun of its id; "" is the noun of the line's id."""

    use: Use
    noun: str = ""


class FieldNames:
    """Maps the usual names of ids, and the user's, to roles."""

    def __init__(self, own: Sequence[str] = ()) -> None:
        """Add the user's names of ids, the narrowest last."""
        own_nouns = {plain(name): plain(name).removesuffix("_id") for name in own}
        self._nouns = NOUNS | own_nouns
        self.own_nouns = {self._nouns[plain(name)] for name in own}
        order = [*dict.fromkeys([*NOUNS.values(), *own_nouns.values()])]
        self._widths = {noun: width for width, noun in enumerate(order)}
        self._cache: dict[tuple[str, ...], list[tuple[str, Role]]] = {}

    def roles(self, names: tuple[str, ...]) -> list[tuple[str, Role]]:
        """Return the names that have a role, each with its role."""
        roles = self._cache.get(names)
        if roles is None:
            if len(self._cache) > CACHED:
                self._cache.clear()
            pairs = ((name, self._role(plain(name))) for name in names)
            roles = self._cache[names] = [(name, role) for name, role in pairs if role]
        return roles

    def width(self, noun: str) -> int:
        """Return the rank of a noun, the smallest for the widest."""
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
        is_parent = match and (not noun or noun in self._nouns)
        return Role(Use.PARENT, self._nouns.get(noun or "", "")) if is_parent else None


def plain(name: str) -> str:
    """Return a field's name as it is written in NOUNS: request_id for requestId."""
    name = re.sub(r"(?<=[a-z])I[dD]\b", "_id", name)
    return name.lower().replace("-", "_").replace(".", "_")
