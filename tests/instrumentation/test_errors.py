"""record_error and expected: what counts as an error, and where it is written."""

from __future__ import annotations

import pytest
from opentelemetry.trace import StatusCode

from instrumentation.errors import expected, record_error
from instrumentation.traced import span
from tests.instrumentation.recorded import Recorded


class LimitError(Exception): ...


class SlottedError(Exception):
    __slots__ = ()


def test_a_handled_error_is_recorded_on_the_current_span(spans: Recorded) -> None:
    with span("order"):
        try:
            raise LimitError("too many")
        except LimitError as error:
            record_error(error)

    made = spans.one("order")
    [event] = made.events
    assert made.status.status_code is StatusCode.ERROR
    assert made.status.description == "too many"
    assert made.attributes["error.type"] == f"{__name__}.LimitError"
    assert event.attributes["exception.type"] == f"{__name__}.LimitError"
    assert 'raise LimitError("too many")' in event.attributes["exception.stacktrace"]
    assert "exception.escaped" not in event.attributes


def test_recorded_again_on_another_span_it_is_not_repeated(spans: Recorded) -> None:
    error = LimitError("too many")
    with span("outer") as outer, span("inner"):
        record_error(error)
        record_error(error, outer)

    assert [len(s.events) for s in (spans.one("inner"), spans.one("outer"))] == [1, 0]
    assert spans.one("outer").status.description == "too many"


def test_any_exception_class_can_be_recorded(spans: Recorded) -> None:
    with pytest.raises(SlottedError), span("order"):
        raise SlottedError("tight")

    assert spans.one("order").status.description == "tight"


def test_outside_of_a_span_nothing_happens() -> None:
    error = LimitError()
    record_error(error)

    assert not hasattr(error, "__otel_recorded__")


def test_a_built_in_class_cannot_be_expected() -> None:
    with pytest.raises(TypeError, match="would hide every ValueError: raise a class"):
        expected(ValueError)
