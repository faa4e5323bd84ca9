"""The traces of the requests that a check sent: where each expectation begins.

    orders = Traces(answers, spans, folder)
    price = orders.span(in_function("price_order"))
    price.below(orders.span(request_to("POST /orders")))
    price.has("shop.plan", lambda answer: answer.sent["plan"])

Several requests with different inputs are looked at together, because an answer that
was written into the code is only seen as one beside a second request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.ancestry import outermost
from tracing_starter_kit.workshop.checking.answer import Answer, Recording
from tracing_starter_kit.workshop.checking.exceptions import exceptions
from tracing_starter_kit.workshop.checking.sentences import CheckFailed, quoted, times
from tracing_starter_kit.workshop.checking.span_matchers import SpanMatcher
from tracing_starter_kit.workshop.checking.spans import Spans


class Traces(Recording):
    """One trace for each answer, and the expectations that they all meet."""

    def span(self, what: SpanMatcher, *, below: Spans | None = None) -> Spans:
        """Return the span that is meant, from each of the traces.

        Raises:
            CheckFailed: One of the traces has none.
        """
        found = [self._find(answer, what) for answer in self.answers]
        spans = Spans(self, what.label, found)
        if below is not None:
            spans.below(below)
        return spans

    def _find(self, answer: Answer, what: SpanMatcher) -> list[Span]:
        spans = self.of(answer)
        if found := [span for span in spans if what.matches(span)]:
            return outermost(found, spans)
        self._is_in_no_other(answer, what)
        if not spans:
            raise CheckFailed(
                f"{answer.title} left no span at all: nothing of this program is "
                f"traced yet.",
                answer.trace_id,
            )
        if astray := [span for span in self.elsewhere if what.matches(span)]:
            raise CheckFailed(
                f"{_capital(what.label)} is there, but in a trace of its own: where it "
                f"starts, the request's span is not the current one.",
                astray[0].trace_id,
            )
        names = quoted(span.name for span in spans)
        why = [
            f"That `{span.name}` is of another kind: {span.kind}."
            for span in spans
            if f"`{span.name}`" in what.label
        ] + [f"{_orphan_text(span)}." for span in self._orphans(answer)]
        raise CheckFailed(
            f"In the trace of {answer.title}, {what.label} is missing. It has {names}. "
            f"{why[0] if why else ''}".rstrip(),
            answer.trace_id,
        )

    def _is_in_no_other(self, answer: Answer, what: SpanMatcher) -> None:
        """Say so if another request's trace has such a span more than once."""
        for other in self.answers:
            count = sum(map(what.matches, self.of(other)))
            if other.trace_id != answer.trace_id and count > 1:
                raise CheckFailed(
                    f"One request's trace has {what.label} {times(count)}, and that of "
                    f"another request has none: each has to be in its own.",
                    other.trace_id,
                )

    def are_fine(self) -> None:
        """Demand that no span is marked as failed, and no exception recorded.

        Raises:
            CheckFailed: One is, or was.
        """
        for answer in self.answers:
            for span in self.of(answer):
                if span.status == "ERROR" or exceptions([span]):
                    raise CheckFailed(
                        f"`{span.name}` is marked as failed, and nothing failed: "
                        f"{answer.title} answered {answer.status}, as it should.",
                        answer.trace_id,
                    )

    def hold_no(self, secrets: Callable[[Answer], Iterable[str]]) -> None:
        """Demand that what is private stands nowhere in the spans.

        Raises:
            CheckFailed: It does; the sentence says where.
        """
        for answer in self.answers:
            for span in self.of(answer):
                for secret in secrets(answer):
                    if key := _where(span, secret):
                        raise CheckFailed(
                            f"`{span.name}` carries what must not leave the program: "
                            f"{key} holds {secret!r}, which the check sent as the "
                            f"customer's private data.",
                            answer.trace_id,
                        )

    def are_whole(self) -> None:
        """Demand that every span hangs on a span of its trace.

        Raises:
            CheckFailed: One names a parent that never came.
        """
        for answer in self.answers:
            for span in self._orphans(answer):
                raise CheckFailed(f"{_orphan_text(span)}.", answer.trace_id)

    def _orphans(self, answer: Answer) -> list[Span]:
        """Return the spans of a trace whose parent is not there."""
        known = {span.span_id for span in self.of(answer)} | {answer.caller_id, None}
        return [span for span in self.of(answer) if span.parent_span_id not in known]


def _where(span: Span, secret: str) -> str | None:
    """Return what of a span, or of its events, holds a text."""
    holders = [span.attributes, *(event.attributes for event in span.events)]
    for attributes in holders:
        for key, value in attributes.items():
            if secret in str(value):
                return f"`{key}`"
    titles = {"its name": [span.name, *(event.name for event in span.events)]}
    titles["its status"] = [span.status_message]
    return next((key for key in titles if secret in " ".join(titles[key])), None)


def _orphan_text(span: Span) -> str:
    return (
        f"`{span.name}` names a parent that never arrived: a span above it was started "
        f"and not ended"
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
