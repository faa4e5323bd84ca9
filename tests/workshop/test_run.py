"""The random names of a check never repeat."""

from __future__ import annotations

from pathlib import Path

from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.running.launcher import Launcher
from tracing_starter_kit.workshop.running.receiver import Receiver
from tracing_starter_kit.workshop.settings import Places


def test_no_two_names_of_a_check_are_the_same(
    folder: Path, places: Places, checker: Checker
) -> None:
    with Receiver(None) as receiver:
        run = Run(
            folder,
            launcher=Launcher(),
            receiver=receiver,
            open_broker=checker.broker,
            places=places,
        )
        names = [run.unique_name("o") for _ in range(500)]

    assert len(set(names)) == len(names)
