"""Order spans as a waterfall shows them: depth-first, children by start time.

    for node in depth_first(rows): node.row, node.depth, node.children, node.is_orphan

No span is left out. A span whose parent is missing stands at the top as an orphan. So
does the earliest span of a circle of spans that are each other's parents.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracing_starter_kit.viewer.query.traces import Row


@dataclass(frozen=True, slots=True)
class Node:
    """One span and its place in the tree."""

    row: Row
    depth: int
    children: int
    is_orphan: bool
    is_in_circle: bool = False  # the first of a circle of parents


def depth_first(rows: Sequence[Row]) -> Iterator[Node]:
    """Yield each row exactly once; the rows must be sorted by start time."""
    span_ids = {row.span_id for row in rows}
    children: dict[int | None, list[Row]] = defaultdict(list)
    for row in rows:
        children[_parent(row, span_ids)].append(row)
    visited: set[int] = set()
    for top in (*children.pop(None, ()), *rows):
        if top.span_id not in visited:
            yield from _subtree(top, children, visited, span_ids)


def _parent(row: Row, span_ids: set[int]) -> int | None:
    parent = row.parent_span_id
    return parent if parent in span_ids and parent != row.span_id else None


def _subtree(
    top: Row,
    children: dict[int | None, list[Row]],
    visited: set[int],
    span_ids: set[int],
) -> Iterator[Node]:
    """Walk without recursion: a chain of 10,000 spans is deeper than Python's stack."""
    stack = [(top, 0)]
    while stack:
        row, depth = stack.pop()
        if row.span_id in visited:
            continue
        visited.add(row.span_id)
        below = children.get(row.span_id, [])
        is_top = depth == 0 and row.parent_span_id is not None
        is_circle = is_top and row.parent_span_id in span_ids
        is_orphan = is_top and not is_circle
        yield Node(row, depth, len(below), is_orphan, is_circle)
        stack.extend((child, depth + 1) for child in reversed(below))
