"""Lays a trace beside the tree that it should be: which span is which, what differs.

rows = Match(contract, "kit", Names()).rows([expected], build_tree(spans))
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from tests.contract.language import Contract, Expected, Wanted
from tests.contract.values import Names
from tracing_starter_kit.traces.spans import Node, Span


@dataclass
class Row:
    """A line of both trees: a span that is wanted, the one that is there, or both."""

    depth: int
    expected: Expected | None
    span: Span | None
    differences: list[str] = field(default_factory=list)

    @property
    def is_right(self) -> bool:
        """Whether the span is there, is wanted, and is as it should be."""
        return None not in (self.expected, self.span) and not self.differences


class Match:
    """One comparison; what a name in braces stands for holds for all of the trace."""

    def __init__(self, contract: Contract, mode: str, names: Names) -> None:
        self._contract = contract
        self._mode = mode
        self._names = names
        other = "auto" if mode == "kit" else "kit"
        self._unseen = contract.attributes.get(other, [])
        self._once: Counter[int] = Counter()

    def rows(self, roots: Sequence[Expected], nodes: Sequence[Node]) -> list[Row]:
        """Return both trees side by side, from their roots."""
        rows = self._level(roots, nodes, [], depth=0)
        for expected in _once_only(roots):
            if (count := self._once[id(expected)]) != 1:
                row = Row(
                    0, expected, None, [f"stands {count} times, and once is right"]
                )
                rows.append(row)
        return rows

    def _level(
        self,
        wanted: Sequence[Expected],
        nodes: Sequence[Node],
        inherited: list[Wanted],
        depth: int,
    ) -> list[Row]:
        """Pair what is wanted below a span with what is there, in order of time."""
        rows: list[Row] = []
        left = list(nodes)
        for expected in wanted:
            fewest, most = _times(expected.mark)
            found = 0
            while found < most and (node := self._pick(expected, left, inherited)):
                left.remove(node)
                found += 1
                rows += self._pair(expected, node, inherited, depth)
            if expected.mark == "!":
                self._once[id(expected)] += found
            for _ in range(found, fewest):
                rows += _missing(expected, depth)
        return rows + [row for node in left for row in _unexpected(node, depth)]

    def _pick(
        self, expected: Expected, nodes: list[Node], inherited: list[Wanted]
    ) -> Node | None:
        """Return the first span that is right, else the first that could be meant."""
        alike = [node for node in nodes if _is_alike(expected, node.span)]
        for node in alike:
            if not self._differences(
                expected, node.span, inherited, self._names.copy()
            ):
                return node
        return alike[0] if alike else None

    def _pair(
        self, expected: Expected, node: Node, inherited: list[Wanted], depth: int
    ) -> list[Row]:
        differences = self._differences(expected, node.span, inherited, self._names)
        below = inherited + [one for one in expected.wanted if one.throughout]
        return [
            Row(depth, expected, node.span, differences),
            *self._level(expected.children, node.children, below, depth + 1),
        ]

    def _differences(
        self, expected: Expected, span: Span, inherited: list[Wanted], names: Names
    ) -> list[str]:
        wanted = {one.name: one.value for one in inherited + expected.wanted}
        found: dict[str, object] = dict(span.attributes)
        found["status"] = span.status
        found["events"] = " ".join(event.name for event in span.events) or None
        differences = [
            f"{name} is {found.get(name)!r}, wanted {names.shown(value)}"
            for name, value in wanted.items()
            if self._is_seen(name) and not names.fits(value, found.get(name))
        ]
        if "status" not in wanted and span.status == "ERROR":
            differences.append(f"status is ERROR: {span.status_message}")
        if "events" not in wanted and span.events and self._is_seen("events"):
            differences.append(f"events are {found['events']}, wanted none")
        return differences

    def _is_seen(self, name: str) -> bool:
        """Say whether an attribute of this name is looked at in this mode."""
        if name == "events":
            return self._contract.events in (None, self._mode)
        return not any(fnmatchcase(name, pattern) for pattern in self._unseen)


def _is_alike(expected: Expected, span: Span) -> bool:
    """Say whether a span could be the one that is meant."""
    if (expected.service, expected.kind) != (span.service, span.kind):
        return False
    if not fnmatchcase(span.name, expected.name):
        return False
    return expected.place is None or expected.place == place_of(span)


def place_of(span: Span) -> tuple[str, str] | None:
    """Return the file and the function of ours that a span leads to."""
    path = str(span.attributes.get("code.file.path", ""))
    name = str(span.attributes.get("code.function.name", ""))
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return (path, name.removeprefix(f"{module}.")) if path else None


def _times(mark: str) -> tuple[int, int]:
    """Return how often at least, and at most, a span may stand."""
    if mark.isdigit():
        return int(mark), int(mark)
    return {"?": (0, 1), "!": (0, 1), "+": (1, 1_000_000)}[mark]


def _once_only(expected: Sequence[Expected]) -> list[Expected]:
    found = [one for one in expected if one.mark == "!"]
    return found + [deep for one in expected for deep in _once_only(one.children)]


def _missing(expected: Expected, depth: int) -> list[Row]:
    rows = [Row(depth, expected, None)]
    for child in expected.children:
        if _times(child.mark)[0]:
            rows += _missing(child, depth + 1)
    return rows


def _unexpected(node: Node, depth: int) -> list[Row]:
    rows = [Row(depth, None, node.span)]
    for child in node.children:
        rows += _unexpected(child, depth + 1)
    return rows
