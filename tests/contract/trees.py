"""Both trees of a comparison: written out from the contract, and as recorded.

    expected = ExpectedTree(CONTRACT, "kit", {"order": "o-17"})
    rows = list(_rows(expected.of(CONTRACT.traces["order"]), recorded_tree(spans), ""))

They are trees of `instrumentation.testing`, which compares them and prints both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from glob import escape

from instrumentation.testing import _Item, _pairs
from tests.contract.notation import Attribute, Contract, SpanLine
from tests.contract.values import fits, is_name
from tracing_starter_kit.traces.spans import Node, Span, build_tree

# Attributes that a span must not have, unless the contract names them.
ABSENT = {"status": "none", "events": "none"}


class ExpectedSpan(_Item):
    """A span of the contract, whose values may be of more kinds than in a test."""

    def differing(self, recorded: _Item) -> set[str]:
        """Return the names of the attributes that do not have the expected value."""
        names = {
            name
            for name, value in self.facts.items()
            if not fits(str(value), recorded.facts.get(name))
        }
        if "status" in names:
            names |= recorded.facts.keys() & {"status.message"}
        return names


class ExpectedTree:
    """Writes a trace of the contract out in full, for one mode.

    Repeated spans stand there as often as they should, each span has the attributes
    that hold throughout, and names in braces are replaced by their values.
    """

    def __init__(
        self, contract: Contract, mode: str, values: Mapping[str, object]
    ) -> None:
        self._contract = contract
        self._mode = mode
        self._values = {f"{{{name}}}": str(value) for name, value in values.items()}

    def of(self, root: SpanLine) -> list[_Item]:
        """Return the tree of a trace: its root, or the roots that stand for it."""
        return list(self._written_out(root, {}, has_once=True))

    def _written_out(
        self, line: SpanLine, inherited: Mapping[str, str], *, has_once: bool
    ) -> Iterator[_Item]:
        if not line.holds_in(self._mode):
            for child in line.children:
                yield from self._written_out(child, inherited, has_once=has_once)
        elif line.times != "once":
            for number in range(int(line.times.split()[0])):
                is_first = number == 0
                yield self._span(line, inherited, has_once=has_once and is_first)
        elif has_once:
            yield self._span(line, inherited, has_once=True)

    def _span(
        self, line: SpanLine, inherited: Mapping[str, str], *, has_once: bool
    ) -> ExpectedSpan:
        is_kit = self._mode == "kit"
        facts: dict[str, object] = {**ABSENT, **inherited}
        if line.code:
            facts["code.place"] = line.code
        own = [a for a in line.attributes if a.mode in (None, self._mode)]
        facts |= {a.name: self._value(a) for a in own}
        below = dict(inherited) | {a.name: self._value(a) for a in own if a.throughout}
        return ExpectedSpan(
            kind=f"{line.service}: {line.kind}",
            name=line.name if is_kit else line.auto_name,
            facts={
                name: value
                for name, value in facts.items()
                if self._contract.compares(name, self._mode)
            },
            remark=line.code or "",
            children=[
                item
                for child in line.children
                for item in self._written_out(child, below, has_once=has_once)
            ],
        )

    def _value(self, attribute: Attribute) -> str:
        value = self._values.get(attribute.value)
        return attribute.value if value is None else escape(value)


def values_of_names(
    expected: Sequence[_Item], recorded: Sequence[_Item]
) -> dict[str, object]:
    """Return the values that the names in braces have where a trace fits otherwise.

    A name that differs between two spans has one of its values here: comparing again,
    with these values, shows the other one.
    """
    values: dict[str, object] = {}
    for wanted, item in _pairs(list(expected), list(recorded)).items():
        for name, value in wanted.facts.items():
            if is_name(str(value)):
                values.setdefault(str(value)[1:-1], item.facts[name])
        values = values_of_names(wanted.children, item.children) | values
    return values


def recorded_tree(spans: Sequence[Span]) -> list[_Item]:
    """Return a trace as it was recorded."""
    return [_recorded(node) for node in build_tree(spans)]


def _recorded(node: Node) -> _Item:
    span = node.span
    facts: dict[str, object] = dict(span.attributes)
    if place := code_place(span):
        facts["code.place"] = place
    if span.status == "ERROR":
        facts |= {"status": span.status, "status.message": span.status_message}
    if span.events:
        facts["events"] = " ".join(event.name for event in span.events)
    return _Item(
        kind=f"{span.service}: {span.kind}",
        name=span.name,
        facts=facts,
        remark=place or "",
        children=[_recorded(child) for child in node.children],
    )


def code_place(span: Span) -> str | None:
    """Return the file and the function of ours that a span leads to."""
    path = str(span.attributes.get("code.file.path", ""))
    name = str(span.attributes.get("code.function.name", ""))
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    return f"{path}:{name.removeprefix(f'{module}.')}" if path else None
