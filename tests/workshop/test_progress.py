"""The progress of a learner who works in two terminals."""

from __future__ import annotations

import subprocess
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.workshop.learner import KIT, begin, exercise_number
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.progress import Progress

NUMBERS = range(1, 13)


def pass_and_ask(folder: Path, number: int) -> None:
    """Work as one of many terminals."""
    progress = Progress(folder)
    progress.mark(exercise_number(number), passed=True)
    progress.next_hint(exercise_number(1))
    progress.next_hint(exercise_number(number))


def test_what_another_terminal_stored_is_kept(folder: Path) -> None:
    watch, other = Progress.load(folder), Progress.load(folder)
    other.next_hint(exercise_number(7))
    other.mark(exercise_number(8), passed=True)

    watch.mark(exercise_number(7), passed=True)
    other.next_hint(exercise_number(7))

    stored = Progress.load(folder)
    assert sorted(stored.passed) == [7, 8]
    assert stored.hints == {"7": 2}


def test_a_failed_check_takes_nothing_away(folder: Path) -> None:
    watch, other = Progress.load(folder), Progress.load(folder)
    other.mark(exercise_number(8), passed=True)

    watch.mark(exercise_number(7), passed=False)

    assert Progress.load(folder).passed == [8]
    assert watch.is_done(exercise_number(8))


def test_many_processes_at_once_lose_nothing(folder: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as pool:
        list(pool.map(pass_and_ask, [folder] * len(NUMBERS), NUMBERS))

    stored = Progress.load(folder)
    assert sorted(stored.passed) == list(NUMBERS)
    assert stored.hints["1"] == 3
    assert sorted(map(int, stored.hints)) == list(NUMBERS)


def test_a_hint_beside_a_watch_counts_in_both(tmp_path: Path) -> None:
    with begin(tmp_path) as learner:
        learner.watch("7")
        learner.expect("✗ 7  ")
        subprocess.run(
            [*KIT, "workshop", "hint", "7"],
            cwd=ROOT,
            env=learner.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        learner.type("h")
        learner.expect("Hint 2 of 3")
        other = Progress.load(learner.folder)
        other.mark(exercise_number(12), passed=True)

        learner.type("l")

        learner.expect("✓ 12  ")
        assert Progress.load(learner.folder).hints == {"7": 2}
