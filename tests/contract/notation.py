"""Reads `traces.txt`, the contract; the notation is explained at its top.

    contract = read_contract(Path("tests/contract/traces.txt"))
    contract.traces["order"].children

A line is a comment, a rule of one mode, a trace's title, a span or an attribute.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

SPAN = re.compile(
    r"((?P<times>\d+ times|once) )?((?P<service>[a-z]+): )?"
    r"(?P<kind>SERVER|CLIENT|PRODUCER|CONSUMER|INTERNAL) "
    r"(?P<name>.+?)(  \(auto: (?P<auto>[^)]+)\))?(  @ (?P<code>\S+:\S+))?"
)
ATTRIBUTE = re.compile(r"(?P<throughout>throughout )?(?P<name>\S+) = (?P<value>.+)")
LABEL = re.compile(r" {2,}\[(?P<label>[a-z ]+)\]$")
RULE = re.compile(r"only (?P<mode>kit|auto) (?P<subject>.+?): (?P<reason>.+)")
TRACE = re.compile(r"trace (?P<name>[^:]+): (?P<summary>.+)")


@dataclass(frozen=True)
class Attribute:
    """An attribute's value, in one mode or in both (None)."""

    name: str
    value: str
    mode: str | None
    throughout: bool


@dataclass
class SpanLine:
    """A span's line, with the lines below it."""

    service: str
    kind: str
    name: str
    auto_name: str
    code: str | None
    times: str
    mode: str | None
    attributes: list[Attribute] = field(default_factory=list)
    children: list[SpanLine] = field(default_factory=list)

    def holds_in(self, mode: str) -> bool:
        """Tell whether the span belongs to traces of a mode."""
        return self.mode in (None, mode)


@dataclass
class Contract:
    """The whole file: the trees, and the rules of one mode."""

    traces: dict[str, SpanLine] = field(default_factory=dict)
    resource: list[Attribute] = field(default_factory=list)
    labels: dict[str, str] = field(default_factory=dict)
    # By mode: patterns of attribute names; "CLIENT connect" or "of SCOPE".
    attributes: dict[str, list[str]] = field(default_factory=dict)
    spans: dict[str, list[str]] = field(default_factory=dict)

    def compares(self, attribute: str, mode: str) -> bool:
        """Tell whether an attribute (or "events") is compared in a mode."""
        other = "auto" if mode == "kit" else "kit"
        patterns = self.attributes.get(other, [])
        return not any(fnmatchcase(attribute, pattern) for pattern in patterns)


class Reader:
    """Builds a contract line by line; the stack holds the spans around a line."""

    def __init__(self) -> None:
        self.contract = Contract()
        self._title = ""
        self._stack: list[tuple[int, SpanLine]] = []

    def read(self, line: str) -> None:
        """Add one line.

        Raises:
            ValueError: The line is of no kind that the notation has.
        """
        text = line.strip()
        if not text or text.startswith("#"):
            return
        if rule := RULE.fullmatch(text):
            self._add_rule(rule["mode"], rule["subject"])
        elif text == "every resource":
            self._stack, self._title = [], text
        elif trace := TRACE.fullmatch(text):
            self._stack, self._title = [], trace["name"]
        else:
            self._add_line_of_tree(line, len(line) - len(line.lstrip()))

    def _add_rule(self, mode: str, subject: str) -> None:
        kind, _, pattern = subject.partition(" ")
        if subject.startswith("["):
            self.contract.labels[subject.strip("[]")] = mode
        elif kind == "attributes":
            self.contract.attributes.setdefault(mode, []).append(pattern)
        elif kind == "spans":
            self.contract.spans.setdefault(mode, []).append(pattern)
        elif subject == "events":
            self.contract.attributes.setdefault(mode, []).append(subject)
        else:
            raise ValueError(
                f"only {mode} {subject}: a rule is about a [label], attributes, spans "
                "or events."
            )

    def _add_line_of_tree(self, line: str, indent: int) -> None:
        label = LABEL.search(line)
        mode = self.contract.labels[label["label"]] if label else None
        text = LABEL.sub("", line).strip()
        if attribute := ATTRIBUTE.fullmatch(text):
            self._add_attribute(attribute, mode)
        elif span := SPAN.fullmatch(text):
            self._add_span(span, mode, indent)
        else:
            raise ValueError("neither a span nor an attribute.")

    def _add_attribute(self, match: re.Match[str], mode: str | None) -> None:
        is_resource = self._title == "every resource"
        holder = (
            self.contract.resource if is_resource else self._stack[-1][1].attributes
        )
        holder.append(
            Attribute(match["name"], match["value"], mode, bool(match["throughout"]))
        )

    def _add_span(self, match: re.Match[str], mode: str | None, indent: int) -> None:
        while self._stack and self._stack[-1][0] >= indent:
            self._stack.pop()
        parent = self._stack[-1][1] if self._stack else None
        service = match["service"] or (parent.service if parent else "")
        if not service:
            raise ValueError("the first span of a trace has no service.")
        span = SpanLine(
            service=service,
            kind=match["kind"],
            name=match["name"],
            auto_name=match["auto"] or match["name"],
            code=f"demo_services/{service}/{match['code']}" if match["code"] else None,
            times=match["times"] or "1 times",
            mode=mode,
        )
        if parent:
            parent.children.append(span)
        elif self._title in self.contract.traces:
            raise ValueError(f"the trace {self._title!r} has a second root.")
        else:
            self.contract.traces[self._title] = span
        self._stack.append((indent, span))


def read_contract(path: Path) -> Contract:
    """Return the contract in a file.

    Raises:
        ValueError: A line cannot be read; the message has its number and text.
    """
    reader = Reader()
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        try:
            reader.read(line)
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"{path.name}:{number}: {line.strip()}: {error}"
            ) from error
    return reader.contract
