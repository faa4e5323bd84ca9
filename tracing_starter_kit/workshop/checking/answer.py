"""A request of a check with its answer, and the spans that all requests left.

Example:
    recording = Recording([answer], spans, folder)
    trace = recording.spans_of(answer)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing_starter_kit.traces.spans import Span


@dataclass(frozen=True)
class Answer:
    """A request that the check sent, and the program's answer.

    Attributes:
        title: Method and path, such as "POST /orders".
        inputs: The values that the check chose at random for this request.
        trace_id: The trace that the check began with this request.
        caller_id: The check's own span, the parent of the server's.
    """

    title: str
    status: int
    body: Any
    inputs: Mapping[str, Any]
    trace_id: str
    caller_id: str


class Recording:
    """The spans of a check, sorted by the request that they belong to.

    Attributes:
        answers: The requests, in the order in which the check sent them.
        folder: The learner's files.
        stray_spans: Spans in a trace that no request began.
    """

    def __init__(
        self, answers: Sequence[Answer], spans: Sequence[Span], folder: Path
    ) -> None:
        self.answers = answers
        self.folder = folder
        self.stray_spans: list[Span] = []
        ids = {answer.trace_id for answer in answers}
        self._spans: dict[str, list[Span]] = {trace_id: [] for trace_id in ids}
        for span in spans:
            self._spans.get(span.trace_id, self.stray_spans).append(span)

    def spans_of(self, answer: Answer) -> list[Span]:
        """Return the spans of one request's trace."""
        return self._spans[answer.trace_id]
