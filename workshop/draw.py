"""A learner's trace and what was expected, as text in the same form.

    print(draw(spans))

`kit/tree.py` draws the lines; this adds the learner's own fields below each span, and
leaves durations out where two runs are to look the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from kit.trace import Span, build_tree, walk
from kit.tree import render

DURATION = re.compile(r"(✗ )? *\d+(\.\d+)? m?s(?=  |$)")
OWN = ("app.", "error.type", "exception.type")
SHOWN_VALUE = 60


def draw(spans: Sequence[Span], *, durations: bool = True) -> str:
    """Return the trees of one trace or several, the first span's trace first."""
    traces = dict.fromkeys(span.trace_id for span in spans)
    parts = [
        _draw_one([span for span in spans if span.trace_id == trace_id], durations)
        for trace_id in traces
    ]
    return "\n\n".join(parts)


def _draw_one(found: Sequence[Span], durations: bool) -> str:  # noqa: FBT001
    spans = [_with_short_path(span) for span in found]
    nodes = [node for node, _ in walk(build_tree(spans))]
    lines = render(spans).splitlines()
    if not durations:
        lines = [DURATION.sub(r"  \1", line).rstrip() for line in lines]
    indent = " " * (lines[0].index(nodes[0].span.name) + 2) if lines else ""
    drawn: list[str] = []
    for line, node in zip(lines, nodes, strict=True):
        drawn.append(line)
        deeper = indent + " " * _depth(line, node.span.name, indent)
        drawn += [deeper + text for text in _details(node.span)]
    return "\n".join(drawn)


def _with_short_path(span: Span) -> Span:
    """Return the span with its file as it is called in the exercise's folder."""
    path = span.attributes.get("code.file.path")
    if path is None:
        return span
    name = str(path).rpartition("/")[2]
    return replace(span, attributes={**span.attributes, "code.file.path": name})


def _depth(line: str, name: str, indent: str) -> int:
    return max(0, line.find(name) + 2 - len(indent))


def _details(span: Span) -> list[str]:
    own = {k: v for k, v in span.attributes.items() if k.startswith(OWN)}
    lines = [f"{key} = {_short(own[key])}" for key in sorted(own)]
    lines += [f"! {event.name} recorded here" for event in span.events]
    lines += [f"→ linked to trace {link.trace_id[:8]}…" for link in span.links]
    return lines


def _short(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_VALUE else text[: SHOWN_VALUE - 1] + "…"
