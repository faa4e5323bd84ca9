"""Durations in exponents and compounds, and the ends of Celery's tasks."""

from __future__ import annotations

import pytest

from tests.log_reader.reading import only_trace, tree
from tracing_starter_kit.log_reader.joining.durations import duration
from tracing_starter_kit.log_reader.joining.vocabulary import Event, Vocabulary

UUID = "0b0d2cb3-7a1e-4f7c-9d43-6c4a0b1f2e3d"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("succeeded in 9.8e-05s: None", 98_000),
        ("done in 2E-3 s", 2_000_000),
        ("took 1m2.5s", 62_500_000_000),
        ("took 1h0m3s", 3_603_000_000_000),
        ("took 12.5µs", 12_500),
        ("done in 90 seconds", 90_000_000_000),
        ("finished after 2m", 120_000_000_000),
    ],
)
def test_a_duration_in_the_text(text: str, expected: int) -> None:
    assert duration(text, {}, is_end=True) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("duration_ms", "1.5e3", 1_500_000_000),
        ("duration", "2.5e-03s", 2_500_000),
        ("elapsed", "1m2.5s", 62_500_000_000),
        ("elapsed", "1e400s", None),
        ("elapsed", "1m2.5", None),
    ],
)
def test_a_duration_in_a_field(name: str, value: str, expected: int | None) -> None:
    assert duration("done", {name: value}) == expected


def test_a_fast_task_of_celery_is_not_as_long_as_its_exponent() -> None:
    log = f"""\
[2026-11-24 08:00:00,000: INFO/MainProcess] Task shop.tick[{UUID}] received
[2026-11-24 08:00:00,002: INFO/W-1] Task shop.tick[{UUID}] succeeded in 9.8e-05s: None
"""
    assert tree(only_trace(log))[-1].endswith("process shop.tick 0.10 ms")


@pytest.mark.parametrize(
    "text",
    [
        f"Discarding revoked task: shop.tick[{UUID}]",
        f"Task shop.tick[{UUID}] ignored",
    ],
)
def test_a_revoked_and_an_ignored_task_have_ended_without_a_failure(text: str) -> None:
    assert Vocabulary().event(text) is Event.ENDED
