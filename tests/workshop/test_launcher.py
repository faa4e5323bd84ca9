"""A program that does not start or answer: its sentence has the reason and the line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.variant import Variant
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.checking import web_service
from tracing_starter_kit.workshop.exercise import by_number
from tracing_starter_kit.workshop.running.launcher import Launcher
from tracing_starter_kit.workshop.running.program import ProgramError

APP = "from flask import Flask\napp = Flask(__name__)\n"


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    """A launcher for all tests."""
    with Launcher() as launcher:
        yield launcher


def why_not_ready(launcher: Launcher, folder: Path, source: str) -> str:
    (folder / "shop.py").write_text(source)
    program = launcher.start("web", "shop", folder=folder, environment={})
    with pytest.raises(ProgramError) as raised:
        program.wait_ready(within=3)
    return str(raised.value)


def test_an_endless_loop_is_named_by_its_line(launcher: Launcher, folder: Path) -> None:
    reason = why_not_ready(launcher, folder, f"{APP}while True:\n    n = 1\n")

    assert "was not ready within 3 s" in reason
    assert "It is at\n  shop.py, line " in reason


@pytest.mark.parametrize("code", [0, 3])
def test_an_exit_is_named_by_its_line(
    launcher: Launcher, folder: Path, code: int
) -> None:
    reason = why_not_ready(launcher, folder, f"import sys\nsys.exit({code})\n")

    assert f"shop.py, line 2: sys.exit({code})\nSystemExit: {code}" in reason


def test_an_end_without_a_message_has_its_status(
    launcher: Launcher, folder: Path
) -> None:
    reason = why_not_ready(launcher, folder, "import os\nos._exit(3)\n")

    assert "It ended by itself: exit status 3." in reason


def test_a_crash_has_its_signal(launcher: Launcher, folder: Path) -> None:
    crash = "import os\nos.kill(os.getpid(), 9)\n"

    reason = why_not_ready(launcher, folder, crash)

    assert "It ended by itself: Killed." in reason


def test_a_request_without_an_answer_is_named_by_its_line(
    checker: Checker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web_service, "ANSWER_TIMEOUT", 1.0)
    exercise = by_number(7)
    assert exercise
    endless = Variant(
        7,
        "an endless loop",
        {"shop.py": lambda text: text.replace("total = 0\n", "while True: pass\n")},
    )

    verdict = checker.check(exercise, endless.write(exercise, folder))

    assert "POST /orders got no answer within 1 s" in verdict.sentence
    assert ": while True: pass" in verdict.sentence
