"""Draws a learner's trace and the expected trace, as text in the same form.

    print(draw(spans))

`traces/drawing.py` draws the lines. This module adds the learner's own fields below
each span, and can leave out everything that differs between two runs.
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
MAX_VALUE = 60
SECONDS = re.compile(r"\d+\.\d+ seconds")
MACHINE_FIELDS = ("kit.worker.name",)  # differ from machine to machine


def draw(spans: Sequence[Span], *, durations: bool = True) -> str:
    """Return the trees of one or several traces, the first span's trace first."""
    trace_ids = dict.fromkeys(span.trace_id for span in spans)
    traces = [[span for span in spans if span.trace_id == id_] for id_ in trace_ids]
    return "\n\n".join(_draw_trace(trace, durations=durations) for trace in traces)


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
    """Return a text without the durations in it; other values as they are."""
    return SECONDS.sub("… seconds", value) if isinstance(value, str) else value


def _draw_trace(trace: Sequence[Span], *, durations: bool) -> str:
    spans = [_with_short_path(span) for span in trace]
    if not durations:  # the same width for all, so that two runs look the same
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
    """Return the spans, with parallel ones in an order that two runs share."""
    groups: dict[tuple[str | None, str], list[Span]] = {}
    for span in spans:
        groups.setdefault((span.parent_span_id, span.name), []).append(span)
    ordered: list[Span] = []
    for group in groups.values():
        starts = sorted(span.start_ns for span in group)
        if starts[-1] < min(span.end_ns for span in group):
            by_fields = sorted(group, key=lambda span: repr(_own_fields(span)))
            pairs = zip(by_fields, starts, strict=True)
            ordered += [replace(span, start_ns=start) for span, start in pairs]
        else:
            ordered += group
    return ordered


def _with_short_path(span: Span) -> Span:
    """Return the span with its file's name instead of the file's path."""
    path = span.attributes.get("code.file.path")
    if path is None:
        return span
    name = str(path).rpartition("/")[2]
    return replace(span, attributes={**span.attributes, "code.file.path": name})


def _details(span: Span, parent: Span | None, *, durations: bool) -> list[str]:
    fields = _own_fields(span)
    if fields and parent and fields == _own_fields(parent):
        lines = ["the same fields"]
    else:
        keys = [key for key in sorted(fields) if durations or not _varies(key)]
        lines = [f"{key} = {_short(fields[key])}" for key in keys]
    lines += [f"! {event.name} recorded here" for event in span.events]
    return lines + [f"→ linked to trace {link.trace_id[:8]}…" for link in span.links]


def _varies(key: str) -> bool:
    """Tell whether a field differs between two runs, or two machines."""
    return key.endswith("_ms") or key in MACHINE_FIELDS


def _own_fields(span: Span) -> dict[str, Any]:
    """Return the fields of a span that the learner or a helper set."""
    return {k: v for k, v in span.attributes.items() if k.startswith(OWN)}


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= MAX_VALUE else text[: MAX_VALUE - 1] + "…"
