"""A learner's trace and what was expected, as text in the same form.

    print(draw(spans))

`kit/tree.py` draws the lines; this adds the learner's own fields below each span, and
leaves durations out where two runs are to look the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracing_starter_kit.traces.drawing import render
from tracing_starter_kit.traces.spans import Span, build_tree, walk

NO_DURATION = " 0.00 ms"
OWN = ("shop.", "kit.", "error.type")
SHOWN_VALUE = 60
SECONDS = re.compile(r"\d+\.\d+ seconds")
MACHINES = ("kit.worker.name",)  # differs from machine to machine


def draw(spans: Sequence[Span], *, durations: bool = True) -> str:
    """Return the trees of one trace or several, the first span's trace first."""
    traces = dict.fromkeys(span.trace_id for span in spans)
    parts = [
        _draw_one([span for span in spans if span.trace_id == trace_id], durations)
        for trace_id in traces
    ]
    return "\n\n".join(parts)


def draw_events(events: Sequence[Mapping[str, Any]], *, durations: bool = True) -> str:
    """Return events as lines of `key=value`."""
    return "\n".join(
        "  ".join(
            f"{key}={_short(value if durations else _without_seconds(value))}"
            for key, value in event.items()
            if durations or not key.endswith(("_ms", "timestamp"))
        )
        for event in events
    )


def _without_seconds(value: Any) -> Any:
    """Return a text without the durations in it."""
    return SECONDS.sub("… seconds", value) if isinstance(value, str) else value


def _draw_one(found: Sequence[Span], durations: bool) -> str:  # noqa: FBT001
    spans = [_with_short_path(span) for span in found]
    if not durations:  # one width for all of them, so that two runs look the same
        spans = [replace(span, end_ns=span.start_ns) for span in _in_order(spans)]
    nodes = [node for node, _ in walk(build_tree(spans))]
    lines = render(spans).splitlines()
    if not durations:
        lines = [line.replace(NO_DURATION, "").rstrip() for line in lines]
    by_id = {span.span_id: span for span in spans}
    drawn: list[str] = []
    for line, node in zip(lines, nodes, strict=True):
        indent = " " * (line.index(node.span.name) + 2)
        parent = by_id.get(node.span.parent_span_id or "")
        details = _details(node.span, parent, durations=durations)
        drawn += [line, *(indent + text for text in details)]
    return "\n".join(drawn)


def _in_order(spans: Sequence[Span]) -> list[Span]:
    """Return the spans, those that ran side by side in an order that two runs share."""
    alike: dict[tuple[str | None, str], list[Span]] = {}
    for span in spans:
        alike.setdefault((span.parent_span_id, span.name), []).append(span)
    ordered: list[Span] = []
    for group in alike.values():
        starts = sorted(span.start_ns for span in group)
        if starts[-1] < min(span.end_ns for span in group):
            alike_ones = sorted(group, key=lambda span: repr(_own(span)))
            pairs = zip(alike_ones, starts, strict=True)
            group = [replace(span, start_ns=start) for span, start in pairs]
        ordered += group
    return ordered


def _with_short_path(span: Span) -> Span:
    """Return the span with its file as it is called in the exercise's folder."""
    path = span.attributes.get("code.file.path")
    if path is None:
        return span
    name = str(path).rpartition("/")[2]
    return replace(span, attributes={**span.attributes, "code.file.path": name})


def _details(span: Span, parent: Span | None, *, durations: bool) -> list[str]:
    own, above = _own(span), _own(parent) if parent else {}
    if own and own == above:
        lines = ["the same fields"]
    else:
        shown = [key for key in sorted(own) if durations or not _differs(key)]
        lines = [f"{key} = {_short(own[key])}" for key in shown]
    lines += [f"! {event.name} recorded here" for event in span.events]
    return lines + [f"→ linked to trace {link.trace_id[:8]}…" for link in span.links]


def _differs(key: str) -> bool:
    """Tell whether a field is another one in each run, or on each machine."""
    return key.endswith("_ms") or key in MACHINES


def _own(span: Span) -> dict[str, Any]:
    """Return the learner's own fields of a span."""
    return {k: v for k, v in span.attributes.items() if k.startswith(OWN)}


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_VALUE else text[: SHOWN_VALUE - 1] + "…"
