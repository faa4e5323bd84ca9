"""Ended spans, found by name and shown as a tree."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor


class Recorded(SpanProcessor):
    """Keeps every span that ends, from any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.all: list[ReadableSpan] = []

    def on_end(self, span: ReadableSpan) -> None:
        with self._changed:
            self.all.append(span)
            self._changed.notify_all()

    def one(self, name: str) -> ReadableSpan:
        """Return the only span of that name."""
        [span] = self.named(name)
        return span

    def named(self, name: str) -> list[ReadableSpan]:
        return [span for span in self.all if span.name == name]

    def wait_until(self, is_complete: Callable[[], bool], timeout: float = 20) -> None:
        with self._changed:
            assert self._changed.wait_for(is_complete, timeout), self.tree()

    def tree(self) -> str:
        """Return names, indented below their parents, in order of their start."""
        ids = {span.context.span_id for span in self.all}
        roots = [s for s in self.all if not s.parent or s.parent.span_id not in ids]
        return "\n".join(self._lines(roots, 0))

    def _lines(self, spans: list[ReadableSpan], depth: int) -> list[str]:
        lines = []
        for span in sorted(spans, key=lambda span: span.start_time or 0):
            lines.append("  " * depth + span.name)
            below = [s for s in self.all if is_child(s, span)]
            lines += self._lines(below, depth + 1)
        return lines


def is_child(span: ReadableSpan, parent: ReadableSpan) -> bool:
    return span.parent is not None and span.parent.span_id == parent.context.span_id


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})
