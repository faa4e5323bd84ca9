"""Expectations about spans; each failure is a sentence that names the mistake.

    price.below(request)
    price.leads_to("shop.py", "price_order")
    price.has("shop.plan", lambda answer: answer.inputs["plan"])
    price.encloses(query)

All of them raise CheckFailed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.ancestry import ancestor_ids
from tracing_starter_kit.workshop.checking.answer import Answer, Recording
from tracing_starter_kit.workshop.checking.attributes import expect_attribute
from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    capitalized,
    quoted,
    times,
)
from tracing_starter_kit.workshop.checking.source_lines import places_of
from tracing_starter_kit.workshop.checking.span_problems import (
    place_problem,
    status_problem,
    why_not_enclosed,
)

Expected = Callable[[Answer], Any]


class Spans:
    """The spans that a matcher selects, for each request.

    Args:
        traces: All spans of the requests.
        label: The matcher's name in sentences, such as "the span for `run`".
        groups: The spans of each request, in the order of `traces.answers`.
    """

    def __init__(
        self, traces: Recording, label: str, groups: Sequence[Sequence[Span]]
    ) -> None:
        self.traces = traces
        self.label = label
        self.groups = groups

    def __iter__(self) -> Iterator[tuple[Answer, Span]]:
        for answer, spans in self.by_answer():
            for span in spans:
                yield answer, span

    def by_answer(self) -> Iterator[tuple[Answer, Sequence[Span]]]:
        """Yield each request with its spans."""
        return zip(self.traces.answers, self.groups, strict=True)

    def of(self, answer: Answer) -> Sequence[Span]:
        """Return the spans of one request."""
        return self.groups[self.traces.answers.index(answer)]

    def below(self, other: Spans) -> Spans:
        """Expect each span in the tree below one of the others."""
        for answer, span in self:
            if not self._ancestors(answer, span) & other._ids(answer):
                raise CheckFailed(
                    f"`{span.name}` is not below {other.label}: "
                    f"{self._parent(answer, span)}.",
                    answer.trace_id,
                )
        return self

    def encloses(self, other: Spans) -> Spans:
        """Expect the others below these in the tree: they are part of the work."""
        for answer, inner in other:
            if not self._ancestors(answer, inner) & self._ids(answer):
                outer = self.of(answer)[0]
                sentence = why_not_enclosed(outer, inner, other.label)
                raise CheckFailed(sentence, answer.trace_id)
        return self

    def does_not_enclose(self, other: Spans) -> Spans:
        """Expect the others outside of these: they are not part of the work."""
        for answer, inner in other:
            if self._ancestors(answer, inner) & self._ids(answer):
                raise CheckFailed(
                    f"`{self.of(answer)[0].name}` encloses too much: {other.label} is "
                    f"below it, but is not part of it.",
                    answer.trace_id,
                )
        return self

    def lasts(self, at_least_ms: Expected) -> Spans:
        """Expect each span to take at least as long as its work."""
        for answer, span in self:
            took = (span.end_ns - span.start_ns) / 1e6
            if took < at_least_ms(answer):
                raise CheckFailed(
                    f"`{span.name}` took {took:.2f} ms, but its work takes "
                    f"{at_least_ms(answer):.0f} ms: the span does not enclose the "
                    f"work.",
                    answer.trace_id,
                )
        return self

    def number(self, count: Expected) -> Spans:
        """Expect this many spans in each trace."""
        for answer, spans in self.by_answer():
            if len(spans) != count(answer):
                raise CheckFailed(
                    f"{capitalized(self.label)} is in this trace {times(len(spans))}; "
                    f"expected {times(count(answer))}.",
                    answer.trace_id,
                )
        return self

    def has(self, key: str, expected: Expected) -> Spans:
        """Expect an attribute, with the value that belongs to each request."""
        expect_attribute(list(self), key, expected, self.traces)
        return self

    def has_each(self, key: str, expected: Expected) -> Spans:
        """Expect the spans of a trace to carry these values, one on each span."""
        for answer, spans in self.by_answer():
            values = sorted(str(span.attributes.get(key, "nothing")) for span in spans)
            expected_values = sorted(map(str, expected(answer)))
            if values != expected_values:
                raise CheckFailed(
                    f"`{key}` of {self.label} is {quoted(values)}; expected "
                    f"{quoted(expected_values)}, a different one on each span.",
                    answer.trace_id,
                )
        return self

    def lacks(self, key: str, why: str) -> Spans:
        """Expect an attribute to be absent."""
        for answer, span in self:
            if key in span.attributes:
                raise CheckFailed(
                    f"`{span.name}` must not have `{key}`: {why}.", answer.trace_id
                )
        return self

    def leads_to(self, file: str, function: str) -> Spans:
        """Expect `code.*` to name a line of a function in the learner's files.

        Args:
            file: Where the function is at the start.
            function: Its name.
        """
        places = places_of(self.traces.folder, file, function)
        for answer, span in self:
            if problem := place_problem(span, function, places):
                raise CheckFailed(f"`{span.name}` {problem}.", answer.trace_id)
        return self

    def failed(self, class_name: str = "", message: Expected = lambda _: "") -> Spans:
        """Expect the status ERROR, with the exception's class and message, if given."""
        for answer, span in self:
            if problem := status_problem(span, class_name, message(answer)):
                raise CheckFailed(f"`{span.name}` {problem}.", answer.trace_id)
        return self

    def include(self, answer: Answer, span: Span) -> bool:
        """Tell whether a span is one of these, or below one of them."""
        path = {span.span_id, *self._ancestors(answer, span)}
        return bool(path & self._ids(answer))

    def _ids(self, answer: Answer) -> set[str]:
        return {span.span_id for span in self.of(answer)}

    def _ancestors(self, answer: Answer, span: Span) -> set[str]:
        return set(ancestor_ids(span, self._by_id(answer)))

    def _parent(self, answer: Answer, span: Span) -> str:
        parent = self._by_id(answer).get(span.parent_span_id or "")
        if parent:
            return f"its parent is `{parent.name}`"
        return "it has no parent in this trace"

    def _by_id(self, answer: Answer) -> dict[str, Span]:
        return {span.span_id: span for span in self.traces.spans_of(answer)}
