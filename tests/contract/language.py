"""Reads `traces.txt`: the trees that the traces of the demo are held to.

    contract = read_contract(Path("tests/contract/traces.txt"))
    contract.traces["order"].children

The file itself says what its lines mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

SPAN = re.compile(
    r"((?P<mark>[?+!]|\d+) )?"
    r"(?P<service>[a-z]+) (?P<kind>SERVER|CLIENT|PRODUCER|CONSUMER|INTERNAL) "
    r"(?P<name>.+?)(  \(auto: (?P<auto>[^)]+)\))?(  @ (?P<path>\S+):(?P<function>\S+))?"
)
ATTRIBUTE = re.compile(r"(?P<throughout>throughout )?(?P<name>\S+) = (?P<value>.+)")
LABEL = re.compile(r" {2,}\[(?P<label>[a-z ]+)\]$")
ONLY = re.compile(r"only (?P<mode>kit|auto) (?P<what>.+?): (?P<why>.+)")
TRACE = re.compile(r"trace (?P<name>[^:]+): (?P<about>.+)")


@dataclass(frozen=True)
class Wanted:
    """The value that an attribute must have, in one mode or in both (None)."""

    name: str
    value: str
    mode: str | None
    throughout: bool


@dataclass
class Expected:
    """One span of a tree, and what must stand on it and below it."""

    service: str
    kind: str
    name: str
    auto_name: str
    place: tuple[str, str] | None
    mark: str
    mode: str | None
    wanted: list[Wanted] = field(default_factory=list)
    children: list[Expected] = field(default_factory=list)


@dataclass
class Contract:
    """All of the file: the trees, and what holds in one mode only."""

    traces: dict[str, Expected] = field(default_factory=dict)
    resource: list[Wanted] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    # By mode: patterns of attribute names; "CLIENT connect" or "of SCOPE"; events.
    attributes: dict[str, list[str]] = field(default_factory=dict)
    spans: dict[str, list[str]] = field(default_factory=dict)
    events: str | None = None


class Reader:
    """Builds a contract line by line; the stack holds the spans that are open."""

    def __init__(self) -> None:
        self.contract = Contract()
        self._title = ""
        self._stack: list[tuple[int, Expected]] = []

    def read(self, line: str) -> None:
        """Take one line.

        Raises:
            ValueError: It is none of the kinds of lines that there are.
        """
        text = line.strip()
        if not text or text.startswith("#"):
            return
        if only := ONLY.fullmatch(text):
            self._only(only["mode"], only["what"])
        elif text == "every resource":
            self._stack, self._title = [], text
        elif trace := TRACE.fullmatch(text):
            self._stack, self._title = [], trace["name"]
        else:
            self._line_of_tree(line, len(line) - len(line.lstrip()))

    def _only(self, mode: str, what: str) -> None:
        if what.startswith("["):
            self.contract.labels[what.strip("[]")] = mode
        elif what.startswith("attributes "):
            names = what.removeprefix("attributes ")
            self.contract.attributes.setdefault(mode, []).append(names)
        elif what.startswith("spans "):
            self.contract.spans.setdefault(mode, []).append(what.removeprefix("spans "))
        elif what == "events":
            self.contract.events = mode
        else:
            raise ValueError(f"only {mode} {what}: this line means nothing.")

    def _line_of_tree(self, line: str, indent: int) -> None:
        label = LABEL.search(line)
        mode = self.contract.labels[label["label"]] if label else None
        text = LABEL.sub("", line).strip()
        if attribute := ATTRIBUTE.fullmatch(text):
            wanted = Wanted(
                attribute["name"],
                attribute["value"],
                mode,
                bool(attribute["throughout"]),
            )
            if self._title == "every resource":
                self.contract.resource.append(wanted)
            else:
                self._stack[-1][1].wanted.append(wanted)
        elif span := SPAN.fullmatch(text):
            self._add_span(span, mode, indent)
        else:
            raise ValueError(f"{line!r}: neither a span nor an attribute.")

    def _add_span(self, span: re.Match[str], mode: str | None, indent: int) -> None:
        expected = Expected(
            service=span["service"],
            kind=span["kind"],
            name=span["name"],
            auto_name=span["auto"] or span["name"],
            place=(span["path"], span["function"]) if span["path"] else None,
            mark=span["mark"] or "1",
            mode=mode,
        )
        while self._stack and self._stack[-1][0] >= indent:
            self._stack.pop()
        if self._stack:
            self._stack[-1][1].children.append(expected)
        else:
            self.contract.traces[self._title] = expected
        self._stack.append((indent, expected))


def read_contract(path: Path) -> Contract:
    """Return what a file says; a line that cannot be read is named."""
    reader = Reader()
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            reader.read(line)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"{path.name}:{number}: {line.strip()}: {error}"
            ) from error
    return reader.contract


def for_mode(expected: Expected, mode: str) -> list[Expected]:
    """Return the spans that stand here in a mode: a span, or its children instead."""
    children = [one for child in expected.children for one in for_mode(child, mode)]
    if expected.mode not in (None, mode):
        return children
    return [
        Expected(
            service=expected.service,
            kind=expected.kind,
            name=expected.name if mode == "kit" else expected.auto_name,
            auto_name=expected.auto_name,
            place=expected.place if mode == "kit" else None,
            mark=expected.mark,
            mode=mode,
            wanted=[one for one in expected.wanted if one.mode in (None, mode)],
            children=children,
        )
    ]
