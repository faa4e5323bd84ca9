"""Holds a trace of the demo to the contract in `traces.txt`.

    check(spans, "order", values={"order": "o-17"})      # raises with both trees
    missing(spans, "order")                              # what is not there yet
    check_code(spans, REPOSITORY)                        # each line lies where it says

`spans` are `kit.trace.Span`s: from memory, from the viewer, or from Jaeger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from tests.contract.language import Contract, Expected, for_mode, read_contract
from tests.contract.matching import Match, Row, place_of
from tests.contract.values import Names
from tracing_starter_kit.traces.spans import Span, build_tree

FILE = Path(__file__).with_name("traces.txt")
CONTRACT: Contract = read_contract(FILE)
ServiceOf = Callable[[Span], str]


def check(
    spans: Sequence[Span],
    name: str,
    *,
    mode: str = "kit",
    values: Mapping[str, object] | None = None,
    service_of: ServiceOf | None = None,
) -> None:
    """Compare a trace with the contract.

    Args:
        spans: All of the trace.
        name: The trace's name in the file: "order", "declined order" …
        mode: "kit" or "auto", as the system was started.
        values: What names in braces stand for, as far as that is known before.
        service_of: Where the service is not the resource's, how to tell it.

    Raises:
        AssertionError: They differ; the message shows both trees, side by side.
    """
    names = Names(values)
    rows = _rows(spans, name, mode, names, service_of)
    wrong = [row for row in rows if not row.is_right]
    notes = _notes(spans, mode, names)
    if wrong or notes:
        raise AssertionError(
            f"{len(wrong)} spans of the trace {name!r} are not as {FILE.name} has them "
            f"in {mode} mode.\n\n{side_by_side(rows)}\n" + "\n".join(notes)
        )


def missing(
    spans: Sequence[Span],
    name: str,
    mode: str = "kit",
    *,
    service_of: ServiceOf | None = None,
) -> list[str]:
    """Return the spans of the contract that a trace does not have yet."""
    rows = _rows(spans, name, mode, Names(), service_of)
    return [_wanted(row.expected) for row in rows if row.expected and not row.span]


def side_by_side(rows: Sequence[Row]) -> str:
    """Return both trees: what is wanted on the left, what is there on the right."""
    lefts = ["  " * row.depth + _wanted(row.expected) for row in rows]
    rights = ["  " * row.depth + _found(row.span) for row in rows]
    width = max((len(left) for left in lefts), default=0)
    lines = [f"  {'wanted':<{width}} | found"]
    for row, left, right in zip(rows, lefts, rights, strict=True):
        lines.append(
            f"{_sign(row)} {left.rstrip():<{width}} | {right.rstrip()}".rstrip()
        )
        lines += [f"    {'  ' * row.depth}^ {text}" for text in row.differences]
    return "\n".join(lines)


def service_of_code(span: Span) -> str:
    """Return the service whose code made a span, for services that share a process."""
    return str(span.attributes.get("code.file.path", "/?")).split("/")[1]


def _rows(
    spans: Sequence[Span],
    name: str,
    mode: str,
    names: Names,
    service_of: ServiceOf | None,
) -> list[Row]:
    if service_of:
        spans = [replace(span, service=service_of(span)) for span in spans]
    nodes = build_tree(_without_extras(spans, mode))
    return Match(CONTRACT, mode, names).rows(
        for_mode(CONTRACT.traces[name], mode), nodes
    )


def _without_extras(spans: Sequence[Span], mode: str) -> list[Span]:
    """Leave out what may stand anywhere in this mode; its children move up."""
    rules = CONTRACT.spans.get(mode, [])
    extra = {span.span_id: span for span in spans if _is_extra(span, rules)}
    kept = []
    for span in spans:
        parent = span.parent_span_id
        while parent in extra:
            parent = extra[parent].parent_span_id
        if span.span_id not in extra:
            kept.append(replace(span, parent_span_id=parent))
    return kept


def _is_extra(span: Span, rules: Sequence[str]) -> bool:
    return any(
        span.scope == rule.removeprefix("of ")
        if rule.startswith("of ")
        else fnmatchcase(f"{span.kind} {span.name}", rule)
        for rule in rules
    )


def _notes(spans: Sequence[Span], mode: str, names: Names) -> list[str]:
    """Return what is wrong with the trace as a whole."""
    notes = []
    if len({span.span_id for span in spans}) != len(spans):
        notes.append("A span stands there twice.")
    if len({span.trace_id for span in spans}) != 1:
        notes.append("The spans are not of one trace.")
    seen = [one for one in CONTRACT.resource if one.mode in (None, mode)]
    return notes + [
        f"A resource's {wanted.name} is {value!r}, wanted {wanted.value}."
        for wanted in seen
        for value in {span.resource.get(wanted.name) for span in spans}
        if not names.fits(wanted.value, value)
    ]


def _sign(row: Row) -> str:
    if row.is_right:
        return " "
    if row.span is None:
        return "-"
    return "+" if row.expected is None else "!"


def _wanted(expected: Expected | None) -> str:
    if expected is None:
        return ""
    place = "  @ {}:{}".format(*expected.place) if expected.place else ""
    return f"{expected.service} {expected.kind} {expected.name}{place}"


def _found(span: Span | None) -> str:
    if span is None:
        return ""
    place = place_of(span)
    shown = "  @ {}:{}".format(*place) if place else ""
    return f"{span.service} {span.kind} {span.name}{shown}"
