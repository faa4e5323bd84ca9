"""Expectations of spans; each that does not hold is one sentence about the mistake.

price.below(request)
price.leads_to("shop.py", "price_order")
price.has("shop.plan", lambda answer: answer.sent["plan"])
price.encloses(query)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.ancestry import above
from tracing_starter_kit.workshop.checking.answer import Answer, Recording
from tracing_starter_kit.workshop.checking.attributes import complain
from tracing_starter_kit.workshop.checking.sentences import CheckFailed, quoted, times
from tracing_starter_kit.workshop.checking.source_lines import lines_of

Expected = Callable[[Answer], Any]


class Spans:
    """The same span of several traces: for each request, the spans that are meant."""

    def __init__(
        self, traces: Recording, label: str, found: Sequence[Sequence[Span]]
    ) -> None:
        self.traces = traces
        self.label = label
        self.found = found

    def __iter__(self) -> Iterator[tuple[Answer, Span]]:
        for answer, spans in zip(self.traces.answers, self.found, strict=True):
            for span in spans:
                yield answer, span

    def below(self, other: Spans) -> Spans:
        """Demand that each lies in the tree below one of the others."""
        for answer, span in self:
            if not self._ancestors(answer, span) & other.ids(answer):
                raise CheckFailed(
                    f"`{span.name}` is in the trace, but not below {other.label}: "
                    f"{self._parent(answer, span)}.",
                    answer.trace_id,
                )
        return self

    def encloses(self, other: Spans) -> Spans:
        """Demand that the others happen within these: below them in the tree."""
        for answer, inner in other:
            if not self._ancestors(answer, inner) & self.ids(answer):
                outer = self.found[self.traces.answers.index(answer)][0]
                raise CheckFailed(
                    _why_not_enclosed(outer, inner, other), answer.trace_id
                )
        return self

    def does_not_enclose(self, other: Spans) -> Spans:
        """Demand that the others, which are not its work, happen outside."""
        for answer, inner in other:
            if self._ancestors(answer, inner) & self.ids(answer):
                outer = self.found[self.traces.answers.index(answer)][0]
                raise CheckFailed(
                    f"`{outer.name}` encloses too much: {other.label} is below it, "
                    f"which is no part of it.",
                    answer.trace_id,
                )
        return self

    def lasts(self, at_least_ms: Expected) -> Spans:
        """Demand that each takes as long as its work."""
        for answer, span in self:
            took = (span.end_ns - span.start_ns) / 1e6
            if took < at_least_ms(answer):
                raise CheckFailed(
                    f"`{span.name}` took {took:.2f} ms, but its work takes "
                    f"{at_least_ms(answer):.0f} ms: it does not enclose the work.",
                    answer.trace_id,
                )
        return self

    def number(self, count: Expected) -> Spans:
        """Demand how many there are in each trace."""
        for answer, spans in zip(self.traces.answers, self.found, strict=True):
            if len(spans) != count(answer):
                raise CheckFailed(
                    f"There should be {self.label} {times(count(answer))} in this "
                    f"trace, and it is there {times(len(spans))}.",
                    answer.trace_id,
                )
        return self

    def has(self, key: str, expected: Expected) -> Spans:
        """Demand an attribute, with the value that belongs to each request."""
        complain(list(self), key, expected, self.traces)
        return self

    def has_each(self, key: str, expected: Expected) -> Spans:
        """Demand that the spans of a trace carry these values, one each."""
        for answer, spans in zip(self.traces.answers, self.found, strict=True):
            values = sorted(str(span.attributes.get(key, "nothing")) for span in spans)
            wanted = sorted(map(str, expected(answer)))
            if values != wanted:
                raise CheckFailed(
                    f"`{key}` of {self.label} should be {quoted(wanted)}, one each; "
                    f"it is {quoted(values)}.",
                    answer.trace_id,
                )
        return self

    def lacks(self, key: str, why: str) -> Spans:
        """Demand that an attribute is absent."""
        for answer, span in self:
            if key in span.attributes:
                raise CheckFailed(
                    f"`{span.name}` carries `{key}`: {why}.", answer.trace_id
                )
        return self

    def leads_to(self, file: str, function: str) -> Spans:
        """Demand `code.*` that names a line of a function in the learner's file."""
        first, last = lines_of(self.traces.folder / file, function)
        for answer, span in self:
            path = str(span.attributes.get("code.file.path", ""))
            line = span.attributes.get("code.line.number")
            if not path or line is None:
                problem = "does not say which line of code it is (no `code.*`)"
            elif not path.endswith(file):
                problem = f"leads to {path}, not to {file}"
            elif not isinstance(line, int) or not first <= line <= last:
                problem = (
                    f"leads to line {line} of {file}; `{function}` is at lines {first} "
                    f"to {last}"
                )
            else:
                continue
            raise CheckFailed(f"`{span.name}` {problem}.", answer.trace_id)
        return self

    def failed(self, kind: str, message: Expected) -> Spans:
        """Demand the status ERROR, with the class of the exception and its message."""
        for answer, span in self:
            if span.status != "ERROR":
                problem = "is not marked as failed, though it did fail"
            elif "error.type" not in span.attributes:
                problem = f"has no `error.type`: it names the class, {kind}"
            elif not str(span.attributes["error.type"]).endswith(kind):
                said = span.attributes["error.type"]
                problem = f"has `error.type` = {said!r}: the class is {kind}"
            elif message(answer) not in span.status_message:
                problem = f"does not say why: its status is {span.status_message!r}"
            else:
                continue
            raise CheckFailed(f"`{span.name}` {problem}.", answer.trace_id)
        return self

    def ids(self, answer: Answer) -> set[str]:
        """Return the span ids in the trace of one request."""
        spans = self.found[self.traces.answers.index(answer)]
        return {span.span_id for span in spans}

    def hold(self, answer: Answer, span: Span) -> bool:
        """Tell whether a span is one of these, or below one of them."""
        return bool({span.span_id, *self._ancestors(answer, span)} & self.ids(answer))

    def _ancestors(self, answer: Answer, span: Span) -> set[str]:
        return set(above(span, {one.span_id: one for one in self.traces.of(answer)}))

    def _parent(self, answer: Answer, span: Span) -> str:
        by_id = {one.span_id: one for one in self.traces.of(answer)}
        parent = by_id.get(span.parent_span_id or "")
        return f"its parent is `{parent.name}`" if parent else "it has no parent here"


def _why_not_enclosed(outer: Span, inner: Span, work: Spans) -> str:
    """Return what keeps the work from being below its span."""
    problem = f"`{outer.name}` does not enclose the work: {work.label} is not below it"
    if outer.start_ns <= inner.start_ns and inner.end_ns <= outer.end_ns:
        return (
            f"{problem}, though it is open all the time: it is not the current span, "
            f"as a `with` block makes it."
        )
    took = duration_text(outer.end_ns - outer.start_ns)
    return (
        f"{problem}, and it took only {took}. Start it before the work, and end it "
        f"after."
    )
