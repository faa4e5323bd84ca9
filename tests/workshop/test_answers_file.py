"""Numbers in `answers.toml`, as people write them."""

from __future__ import annotations

import importlib.util
from types import ModuleType

import pytest

from tests.workshop.learner import exercise_number
from tracing_starter_kit.traces.spans import load_spans
from tracing_starter_kit.workshop.checking.answers_file import without_separators
from tracing_starter_kit.workshop.checking.sentences import CheckFailed

RECEIPT = {
    "traceId": "1" * 32,
    "spanId": "2" * 16,
    "name": "process notifications.deliver_receipt",
    "kind": 5,
    "startTimeUnixNano": "1000",
    "endTimeUnixNano": "2000",
    "attributes": [
        {"key": "kit.queue.duration_ms", "value": {"doubleValue": 17469.8}},
    ],
}


@pytest.fixture
def first_check() -> ModuleType:
    """Import the check of exercise 1."""
    file = exercise_number(1).folder / "check.py"
    spec = importlib.util.spec_from_file_location("first_check", file)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    "text",
    ["17470", "17,470", "17 470", "17\N{NARROW NO-BREAK SPACE}470 ms", "17'470ms"],
)
def test_marks_between_thousands_are_left_out(text: str) -> None:
    assert without_separators(text) == "17470"


@pytest.mark.parametrize("text", ["17,47", "17.470", "17,4700", ",470"])
def test_other_marks_stay(text: str) -> None:
    assert without_separators(text) == text


def test_the_wait_of_the_first_exercise_may_have_them(first_check: ModuleType) -> None:
    spans = load_spans({"resourceSpans": [{"scopeSpans": [{"spans": [RECEIPT]}]}]})

    first_check.expect_wait(spans, "17,470")

    with pytest.raises(CheckFailed, match="is not the time in the trace"):
        first_check.expect_wait(spans, "1,747")
