"""`kit workshop watch` in a pseudo-terminal, as a learner uses it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.learner import Learner, begin, exercise_number
from tracing_starter_kit.workshop.progress import Progress


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    """A learner who has a folder, and no watch yet."""
    with begin(tmp_path) as learner:
        yield learner


def test_it_goes_on_to_the_next_open_exercise(learner: Learner) -> None:
    learner.watch("7")

    learner.solve([exercise_number(7), exercise_number(8)])

    learner.expect("✗ 9  ")
    assert Progress.load(learner.folder).passed == [7, 8]


def test_each_broken_file_has_its_message(learner: Learner) -> None:
    exercise = exercise_number(7)
    shipped = (exercise.folder / "start" / "shop.py").read_text()
    learner.watch("7")
    learner.expect("the span for `price_order` is missing")

    learner.save(exercise, "shop.py", shipped.replace("def keep(", "def keep(("))
    learner.expect(r"shop.py does not start.\s+shop.py, line \d+: def keep\(\(")
    learner.save(exercise, "shop.py", shipped.replace("app =", "1 / 0\napp ="))
    learner.expect(r"shop.py, line \d+: 1 / 0\s+ZeroDivisionError")
    learner.save(exercise, "shop.py", shipped.replace("total = 0", "total = zero"))
    learner.expect(r"shop.py, line \d+: total = zero\s+NameError")
    learner.save(exercise, "shop.py", shipped.replace("app = Flask", "web = Flask"))
    learner.expect("NameError")
    (learner.folder / exercise.name / "shop.py").unlink()
    learner.expect(r"shop.py is missing in \S+:\s+`\S*kit workshop reset`")
    learner.save(exercise, "shop.py", "")
    learner.expect("has no `app = Flask")
    learner.save(exercise, "shop.py", shipped)
    learner.expect("the span for `price_order` is missing")


def test_typed_lines_are_commands(learner: Learner) -> None:
    learner.watch("8")
    learner.expect("h hint")

    learner.type("h")
    learner.expect("Hint 1 of 3")
    learner.type("hint")
    learner.expect("Hint 2 of 3")
    learner.type("what?")
    learner.expect("is not a command: h hint · l list · n next")
    learner.type("n")
    learner.expect("✗ 9  ")
    learner.type("q")
    learner.expect("Until next time")

    assert learner.terminal.process.wait(20) == 0


def test_ctrl_c_ends_it_quietly_and_leaves_nothing_behind(learner: Learner) -> None:
    learner.watch("12")  # starts the queue's server, too
    learner.expect("h hint")

    learner.terminal.press_ctrl_c()

    assert learner.terminal.process.wait(20) == 0
    assert "Traceback" not in learner.terminal.read()
    processes = subprocess.run(
        ["ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout
    assert str(learner.folder) not in processes
