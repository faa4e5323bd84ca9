"""The texts of the workshop on a narrow screen."""

from __future__ import annotations

import pytest

from tracing_starter_kit.workshop.checker import Verdict
from tracing_starter_kit.workshop.exercise import by_number
from tracing_starter_kit.workshop.messages import verdict_text
from tracing_starter_kit.workshop.settings import Places


def test_a_sentence_breaks_between_words_and_never_within_code(
    places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    sentence = "It should be on `POST /invoices` and c-17 too: see `kit viewer`."
    verdict = Verdict(passed=False, sentence=sentence, spans=(), in_viewer=False)
    exercise = by_number(9)
    assert exercise

    text = verdict_text(exercise, verdict, places, color=False)

    assert text.splitlines()[-3:] == [
        "It should be on",
        "`POST /invoices` and c-17 too:",
        "see `kit viewer`.",
    ]
