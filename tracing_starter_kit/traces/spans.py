"""Parse a trace out of OTLP JSON: its spans, and the tree that they form.

    spans = load_spans(requests.get(f"{viewer}/api/v3/traces/{trace_id}").json())
    for node, depth in walk(build_tree(spans)):
        print("  " * depth, node.span.name)

Works on the answers of any server of Jaeger's `/api/v3`, ours or Jaeger itself.
Needs nothing but the standard library.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

KINDS = ("UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER")
STATUSES = ("UNSET", "OK", "ERROR")


@dataclass(frozen=True)
class Event:
    """Something that happened at one moment of a span, such as an exception."""

    name: str
    time_ns: int
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Link:
    """A pointer from one span to a span of another (or the same) trace."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Span:
    """One span; ids are lower-case hex, times are Unix nanoseconds."""

    trace_id: str
    span_id: str
    parent_span_id: str | None
    service: str
    name: str
    kind: str
    start_ns: int
    end_ns: int
    status: str
    status_message: str
    attributes: Mapping[str, Any]
    resource: Mapping[str, Any]
    scope: str
    events: Sequence[Event] = ()
    links: Sequence[Link] = ()

    @property
    def code(self) -> str | None:
        """The line of code behind the span, as `path:line`, if it names one."""
        path = self.attributes.get("code.file.path")
        return (
            f"{path}:{self.attributes.get('code.line.number', '?')}" if path else None
        )


@dataclass
class Node:
    """A span and the spans it started, earliest first."""

    span: Span
    children: list[Node] = field(default_factory=list)


def load_spans(document: Mapping[str, Any]) -> list[Span]:
    """Return the spans of an OTLP JSON document, in the document's order.

    The document is `{"resourceSpans": [...]}`, or the same inside the
    `{"result": ...}` that Jaeger's API puts around it.
    """
    document = document.get("result", document)
    return [
        _span(raw, resource, scope.get("scope", {}).get("name", ""))
        for resource_spans in document.get("resourceSpans", [])
        for resource in [_attributes(resource_spans.get("resource", {}))]
        for scope in resource_spans.get("scopeSpans", [])
        for raw in scope.get("spans", [])
    ]


def _span(raw: Mapping[str, Any], resource: Mapping[str, Any], scope: str) -> Span:
    status = raw.get("status", {})
    return Span(
        trace_id=raw["traceId"].lower(),
        span_id=raw["spanId"].lower(),
        parent_span_id=(raw.get("parentSpanId") or "").lower() or None,
        service=str(resource.get("service.name", "unknown_service")),
        name=raw.get("name", ""),
        kind=KINDS[int(raw.get("kind", 0))],
        start_ns=int(raw.get("startTimeUnixNano", 0)),
        end_ns=int(raw.get("endTimeUnixNano", 0)),
        status=STATUSES[int(status.get("code", 0))],
        status_message=status.get("message", ""),
        attributes=_attributes(raw),
        resource=resource,
        scope=scope,
        events=[
            Event(e.get("name", ""), int(e.get("timeUnixNano", 0)), _attributes(e))
            for e in raw.get("events", [])
        ],
        links=[
            Link(link["traceId"].lower(), link["spanId"].lower(), _attributes(link))
            for link in raw.get("links", [])
        ],
    )


def _attributes(holder: Mapping[str, Any]) -> dict[str, Any]:
    pairs = holder.get("attributes", [])
    return {pair["key"]: any_value(pair.get("value", {})) for pair in pairs}


def any_value(value: Mapping[str, Any]) -> Any:
    """Return the Python value of an OTLP JSON AnyValue (an int is a string there)."""
    kind, content = next(iter(value.items()), ("stringValue", None))
    return _READERS.get(kind, lambda plain: plain)(content)


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "intValue": int,
    "arrayValue": lambda array: [any_value(item) for item in array.get("values", [])],
    "kvlistValue": lambda pairs: _attributes({"attributes": pairs.get("values", [])}),
    "bytesValue": base64.b64decode,
}


def build_tree(spans: Iterable[Span]) -> list[Node]:
    """Return the roots of the tree, earliest first.

    A span whose parent is missing counts as a root, so that nothing is hidden while
    a trace is still arriving.
    """
    nodes = {span.span_id: Node(span) for span in spans}
    roots: list[Node] = []
    in_time = sorted(nodes.values(), key=lambda node: node.span.start_ns)
    for node in in_time:
        parent = nodes.get(node.span.parent_span_id or "")
        (parent.children if parent else roots).append(node)
    _break_circles(in_time, nodes, roots)
    return roots


def _break_circles(
    in_time: list[Node], nodes: dict[str, Node], roots: list[Node]
) -> None:
    """Make a root of the earliest span of each circle of parents."""
    reached = {node.span.span_id for node, _ in walk(roots)}
    for node in in_time:
        if node.span.span_id not in reached:
            parent = nodes[node.span.parent_span_id or ""]
            parent.children = [child for child in parent.children if child is not node]
            roots.append(node)
            reached |= {below.span.span_id for below, _ in walk([node])}


def walk(roots: Iterable[Node], depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Yield every node of the tree with its depth, a parent before its children."""
    # A list instead of recursion: a chain may be deeper than Python's own stack.
    pending = [(node, depth) for node in roots][::-1]
    while pending:
        node, depth = pending.pop()
        yield node, depth
        pending += [(child, depth + 1) for child in reversed(node.children)]
