"""A request that a check sent, with its answer, and the spans that it left behind.

answer = Answer("POST /orders", 201, {"id": 1}, {"plan": "team"}, trace_id, caller_id)
Recording([answer], spans, folder).of(answer)  # its trace
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracing_starter_kit.traces.spans import Span


@dataclass(frozen=True)
class Answer:
    """A request that the check sent, and what came back.

    Attributes:
        title: Such as "POST /orders".
        sent: What the check chose for it, at random.
        trace_id: The trace that the check began with it.
        caller_id: The check's own span, the parent of the server's.
    """

    title: str
    status: int
    body: Any
    sent: Mapping[str, Any]
    trace_id: str
    caller_id: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Recording:
    """The trace of each answer, and the spans that went astray.

    Attributes:
        answers: The requests, in the order in which they were sent.
        folder: The learner's files.
        elsewhere: Spans in no request's trace.
    """

    def __init__(
        self, answers: Sequence[Answer], spans: Sequence[Span], folder: Path
    ) -> None:
        self.answers = answers
        self.folder = folder
        self.elsewhere: list[Span] = []
        ids = {answer.trace_id for answer in answers}
        self._spans: dict[str, list[Span]] = {trace_id: [] for trace_id in ids}
        for span in spans:
            self._spans.get(span.trace_id, self.elsewhere).append(span)

    def of(self, answer: Answer) -> list[Span]:
        """Return the spans of one request's trace."""
        return self._spans[answer.trace_id]
