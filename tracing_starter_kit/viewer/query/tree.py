"""The order in which a waterfall shows spans: depth-first, children by start time.

    for node in depth_first(rows): node.row, node.depth, node.children, node.is_orphan

Nothing is ever left out: a span whose parent is missing stands at the top as an orphan,
and so does one of each ring of spans that name each other as parents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracing_starter_kit.viewer.query.traces import Row


@dataclass(frozen=True, slots=True)
class Node:
    """One span in its place."""

    row: Row
    depth: int
    children: int
    is_orphan: bool


def depth_first(rows: Sequence[Row]) -> Iterator[Node]:
    """Yield each of the rows, which come sorted by start time, exactly once."""
    known = {row.span_id for row in rows}
    children: dict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        children[_parent(row, known)].append(row)
    seen: set[int] = set()
    for top in (*children.pop(None, ()), *rows):
        if top.span_id not in seen:
            yield from _below(top, children, seen)


def _parent(row: Row, known: set[int]) -> int | None:
    parent = row.parent_span_id
    return parent if parent in known and parent != row.span_id else None


def _below(
    top: Row, children: dict[int | None, list[Row]], seen: set[int]
) -> Iterator[Node]:
    """Walk with a stack of its own: a chain of 10,000 spans is deeper than Python's."""
    stack = [(top, 0)]
    while stack:
        row, depth = stack.pop()
        if row.span_id in seen:
            continue
        seen.add(row.span_id)
        below = children.get(row.span_id, [])
        orphan = depth == 0 and row.parent_span_id is not None
        yield Node(row, depth, len(below), orphan)
        stack.extend((child, depth + 1) for child in reversed(below))
