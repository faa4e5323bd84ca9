"""The traces of the requests that a check sent: the start of every expectation.

    orders = Traces(answers, spans, folder)
    price = orders.span(in_function("price_order"))
    price.below(orders.span(request_to("POST /orders")))
    price.has("shop.plan", lambda answer: answer.inputs["plan"])

A check compares several requests with different inputs: a value that is written into
the code only shows beside a second request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.ancestry import outermost
from tracing_starter_kit.workshop.checking.answer import Answer, Recording
from tracing_starter_kit.workshop.checking.exceptions import exceptions
from tracing_starter_kit.workshop.checking.secrets_in_spans import place_of
from tracing_starter_kit.workshop.checking.sentences import (
    CheckFailed,
    capitalized,
    quoted,
    times,
)
from tracing_starter_kit.workshop.checking.span_matchers import SpanMatcher
from tracing_starter_kit.workshop.checking.spans import Spans


class Traces(Recording):
    """One trace for each request, and the expectations that hold for all of them."""

    def span(self, matcher: SpanMatcher, *, below: Spans | None = None) -> Spans:
        """Return the matching spans of each trace; inner matches are left out.

        Raises:
            CheckFailed: A trace has no such span.
        """
        groups = [self._matching(answer, matcher) for answer in self.answers]
        spans = Spans(self, matcher.label, groups)
        if below is not None:
            spans.below(below)
        return spans

    def _matching(self, answer: Answer, matcher: SpanMatcher) -> list[Span]:
        trace = self.spans_of(answer)
        if spans := [span for span in trace if matcher.matches(span)]:
            return outermost(spans, trace)
        spans = outermost(list(filter(matcher.may_match, trace)), trace)
        if len({span.name for span in spans}) == 1:
            return spans
        self._expect_not_in_another(answer, matcher)
        if not trace:
            raise CheckFailed(
                f"{answer.title} made no span: the program is not traced yet.",
                answer.trace_id,
            )
        if strays := [span for span in self.stray_spans if matcher.matches(span)]:
            raise CheckFailed(
                f"{capitalized(matcher.label)} is in a trace of its own, not in the "
                f"request's: where it starts, the request's span is not the current "
                f"span.",
                strays[0].trace_id,
            )
        raise CheckFailed(self._why_missing(answer, matcher), answer.trace_id)

    def _why_missing(self, answer: Answer, matcher: SpanMatcher) -> str:
        trace = self.spans_of(answer)
        reasons = [
            f"Its span `{span.name}` is of the wrong kind: {span.kind}."
            for span in trace
            if f"`{span.name}`" in matcher.label
        ] + [_orphan_text(span) for span in self._orphans(answer)]
        return (
            f"In the trace of {answer.title}, {matcher.label} is missing. The trace "
            f"has {quoted(span.name for span in trace)}. {''.join(reasons[:1])}"
        )

    def _expect_not_in_another(self, answer: Answer, matcher: SpanMatcher) -> None:
        """Expect that no other request's trace has such a span more than once."""
        for other in self.answers:
            count = sum(map(matcher.matches, self.spans_of(other)))
            if other.trace_id != answer.trace_id and count > 1:
                raise CheckFailed(
                    f"One request's trace has {matcher.label} {times(count)}, and "
                    f"another request's trace does not have it; expected each in the "
                    f"trace of its own request.",
                    other.trace_id,
                )

    def have_no_errors(self) -> None:
        """Expect that no span is marked as failed, and no exception is recorded.

        Raises:
            CheckFailed: A span is marked, or has an exception.
        """
        for answer in self.answers:
            for span in self.spans_of(answer):
                if span.status == "ERROR" or exceptions([span]):
                    raise CheckFailed(
                        f"`{span.name}` is marked as failed, but nothing failed: "
                        f"{answer.title} answered {answer.status}, as expected.",
                        answer.trace_id,
                    )

    def contain_none_of(self, secrets: Callable[[Answer], Iterable[str]]) -> None:
        """Expect that private texts of the requests are in no span, of any trace.

        Raises:
            CheckFailed: A span has one; the sentence names the place.
        """
        texts = list(dict.fromkeys(s for a in self.answers for s in secrets(a)))
        own = [span for answer in self.answers for span in self.spans_of(answer)]
        for span in [*own, *self.stray_spans]:
            for secret in texts:
                if place := place_of(span, secret):
                    raise CheckFailed(
                        f"`{span.name}` has private data of the customer: {place} "
                        f"contains {secret!r}, as it is or in another form. Such data "
                        f"must not leave the program in a trace.",
                        span.trace_id,
                    )

    def are_complete(self) -> None:
        """Expect that the parent of every span is in its trace.

        Raises:
            CheckFailed: A parent never arrived.
        """
        for answer in self.answers:
            for span in self._orphans(answer):
                raise CheckFailed(_orphan_text(span), answer.trace_id)

    def _orphans(self, answer: Answer) -> list[Span]:
        """Return the spans of a trace whose parent is missing."""
        trace = self.spans_of(answer)
        ids = {span.span_id for span in trace} | {answer.caller_id, None}
        return [span for span in trace if span.parent_span_id not in ids]


def _orphan_text(span: Span) -> str:
    return (
        f"The parent of `{span.name}` never arrived: a span above it was started but "
        f"not ended."
    )
