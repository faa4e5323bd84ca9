"""A learner's trace and the expected trace, as text in the same form.

    print(draw(spans))

`traces/drawing.py` draws the lines. This module adds the learner's own fields below
each span, and brings spans that ran side by side into an order that two runs share.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from tracing_starter_kit.traces.drawing import render
from tracing_starter_kit.traces.spans import Span

OWN_PREFIXES = ("shop.", "kit.", "error.type")
MACHINE_FIELDS = ("kit.worker.name",)  # differ from machine to machine
LONGEST_VALUE = 60
SECONDS = re.compile(r"\d+\.\d+ seconds")


def draw(spans: Sequence[Span], *, durations: bool = True) -> str:
    """Return the trees of one trace or several, the first span's trace first."""
    traces: dict[str, list[Span]] = {}
    for span in spans:
        traces.setdefault(span.trace_id, []).append(span)
    details = partial(_details, durations=durations)
    return "\n\n".join(
        render(
            trace if durations else _in_shared_order(trace),
            durations=durations,
            full_paths=False,
            details=details,
        )
        for trace in traces.values()
    )


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


def _in_shared_order(spans: Sequence[Span]) -> list[Span]:
    """Return the spans; alike ones that ran side by side are ordered by their fields.

    Such spans start in another order in each run.
    """
    groups: dict[tuple[str | None, str], list[Span]] = {}
    for span in spans:
        groups.setdefault((span.parent_span_id, span.name), []).append(span)
    ordered: list[Span] = []
    for group in groups.values():
        starts = sorted(span.start_ns for span in group)
        if starts[-1] < min(span.end_ns for span in group):
            by_fields = sorted(group, key=lambda span: repr(_own_fields(span)))
            pairs = zip(by_fields, starts, strict=True)
            group = [replace(span, start_ns=start) for span, start in pairs]
        ordered += group
    return ordered


def _details(span: Span, parent: Span | None, *, durations: bool) -> list[str]:
    """Return the lines below a span: own fields, events, links."""
    fields = _own_fields(span)
    if fields and parent and fields == _own_fields(parent):
        lines = ["the same fields"]
    else:
        names = [name for name in sorted(fields) if durations or not _differs(name)]
        lines = [f"{name} = {_short(fields[name])}" for name in names]
    lines += [f"! {event.name} recorded here" for event in span.events]
    return lines + [f"→ linked to trace {link.trace_id[:8]}…" for link in span.links]


def _differs(name: str) -> bool:
    """Tell whether a field has another value in each run, or on each machine."""
    return name.endswith("_ms") or name in MACHINE_FIELDS


def _own_fields(span: Span) -> dict[str, Any]:
    """Return the fields that the learner or a helper has put on a span."""
    return {k: v for k, v in span.attributes.items() if k.startswith(OWN_PREFIXES)}


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"
