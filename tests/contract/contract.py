"""Compares a trace of the demo with the contract in `traces.txt`.

    check(spans, "order", values={"order": "o-17"})      # raises with both trees
    missing(spans, "order")                              # the spans not there yet
    check_code(spans, REPOSITORY)                        # each code line exists

`spans` are those of `tracing_starter_kit.traces.spans`: from memory, from the viewer
or from Jaeger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path

from instrumentation.testing import _columns, _Item, _Row, _rows
from tests.contract.notation import Contract, read_contract
from tests.contract.trees import ExpectedTree, recorded_tree, values_of_names
from tests.contract.values import fits
from tracing_starter_kit.traces.spans import Span

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
        spans: All spans of the trace.
        name: The trace's name in the file: "order", "declined order" …
        mode: "kit" or "auto", as the system was started.
        values: The values of names in braces, as far as the test knows them.
        service_of: Returns a span's service, where the resource does not name it.

    Raises:
        AssertionError: They differ; the message shows both trees, side by side.
    """
    expected, recorded = _trees(spans, name, mode, values or {}, service_of)
    rows = [row for row in _rows(expected, recorded, "") if not _is_detail(row)]
    notes = _notes(spans, mode)
    if notes or any(mark.strip() for _, mark, _ in rows):
        raise AssertionError(
            f"The trace {name!r} is not as in {FILE.name}, {mode} mode "
            "(! differs, - is missing, + is too much).\n\n"
            + "\n".join([_columns(rows), *notes])
        )


def missing(
    spans: Sequence[Span],
    name: str,
    mode: str = "kit",
    *,
    service_of: ServiceOf | None = None,
) -> list[str]:
    """Return the spans of the contract that a trace does not have yet."""
    trees = _trees(spans, name, mode, {}, service_of)
    return [
        row[0].strip()
        for row in _rows(*trees, "")
        if row[1] == "-" and not _is_detail(row)
    ]


def service_of_code(span: Span) -> str:
    """Return the service whose code made a span, for services that share a process."""
    return str(span.attributes.get("code.file.path", "/?")).split("/")[1]


def _trees(
    spans: Sequence[Span],
    name: str,
    mode: str,
    values: Mapping[str, object],
    service_of: ServiceOf | None,
) -> tuple[list[_Item], list[_Item]]:
    """Return the trace of the contract and the recorded one."""
    if service_of:
        spans = [replace(span, service=service_of(span)) for span in spans]
    line = CONTRACT.traces[name]
    recorded = recorded_tree(_without_extras(spans, mode))
    expected = ExpectedTree(CONTRACT, mode, values).of(line)
    values = {**values_of_names(expected, recorded), **values}
    return ExpectedTree(CONTRACT, mode, values).of(line), recorded


def _is_detail(row: _Row) -> bool:
    """Tell whether a row is an attribute that does not differ: too many to show."""
    left, mark, right = row
    return mark != "!" and " = " in left + right


def _without_extras(spans: Sequence[Span], mode: str) -> list[Span]:
    """Leave out the spans that may stand anywhere in a mode; their children move up."""
    rules = CONTRACT.spans.get(mode, [])
    extras = {span.span_id: span for span in spans if _is_extra(span, rules)}
    others = []
    for span in spans:
        parent = span.parent_span_id
        while parent in extras:
            parent = extras[parent].parent_span_id
        if span.span_id not in extras:
            others.append(replace(span, parent_span_id=parent))
    return others


def _is_extra(span: Span, rules: Sequence[str]) -> bool:
    return any(
        span.scope == rule.removeprefix("of ")
        if rule.startswith("of ")
        else fnmatchcase(f"{span.kind} {span.name}", rule)
        for rule in rules
    )


def _notes(spans: Sequence[Span], mode: str) -> list[str]:
    """Return the errors of the trace as a whole."""
    notes = []
    if len({span.span_id for span in spans}) != len(spans):
        notes.append("Two spans have the same id.")
    if len({span.trace_id for span in spans}) != 1:
        notes.append("The spans belong to several traces.")
    return notes + [
        f"{attribute.name} of a resource is {value!r}, not {attribute.value}."
        for attribute in CONTRACT.resource
        if attribute.mode in (None, mode)
        for value in {span.resource.get(attribute.name) for span in spans}
        if not fits(attribute.value, value)
    ]
