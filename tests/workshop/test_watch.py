"""`kit workshop watch` in a pseudo-terminal, as a learner sits before it."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workshop.learner import Learner, begin
from tracing_starter_kit.workshop.exercise import by_number
from tracing_starter_kit.workshop.progress import Progress


@pytest.fixture
def learner(tmp_path: Path) -> Iterator[Learner]:
    """A learner who has started, and has watched nothing yet."""
    with begin(tmp_path) as one:
        yield one


def test_it_goes_on_from_what_is_done_to_what_is_next(learner: Learner) -> None:
    learner.watch("7")

    learner.solve([by_number(7), by_number(8)])

    learner.expect("✗ 9  ")
    assert Progress.load(learner.folder).passed == [7, 8]


def test_what_a_learner_breaks_is_said_and_mended(learner: Learner) -> None:
    exercise = by_number(7)
    assert exercise
    shipped = (exercise.folder / "start" / "shop.py").read_text()
    learner.watch("7")
    learner.expect("a span for `price_order` is missing")

    learner.save(exercise, "shop.py", shipped.replace("def keep(", "def keep(("))
    learner.expect(r"shop.py does not start.\s+shop.py, line \d+: def keep\(\(")
    learner.save(exercise, "shop.py", shipped.replace("app =", "1 / 0\napp ="))
    learner.expect(r"shop.py, line \d+: 1 / 0\s+ZeroDivisionError")
    learner.save(exercise, "shop.py", shipped.replace("total = 0", "total = zero"))
    learner.expect(r"shop.py, line \d+: total = zero\s+NameError")
    learner.save(exercise, "shop.py", shipped.replace("app = Flask", "web = Flask"))
    learner.expect("NameError")
    (learner.folder / exercise.name / "shop.py").unlink()
    learner.expect("is not in .* any more: `kit workshop reset`")
    learner.save(exercise, "shop.py", "")
    learner.expect("has no `app = Flask")
    learner.save(exercise, "shop.py", shipped)
    learner.expect("a span for `price_order` is missing")


def test_it_hears_what_is_typed(learner: Learner) -> None:
    learner.watch("8")
    learner.expect("h hint")

    learner.type("h")
    learner.expect("Hint 1 of 3")
    learner.type("hint")
    learner.expect("Hint 2 of 3")
    learner.type("what?")
    learner.expect("is none of: h hint · l list · n next")
    learner.type("n")
    learner.expect("✗ 9  ")
    learner.type("q")
    learner.expect("Until next time")

    assert learner.terminal.process.wait(20) == 0


def test_ctrl_c_ends_it_quietly_and_leaves_nothing_behind(learner: Learner) -> None:
    learner.watch("12")  # which needs the queue's server
    learner.expect("h hint")

    learner.terminal.press_ctrl_c()

    assert learner.terminal.process.wait(20) == 0
    assert "Traceback" not in learner.terminal.read()
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    assert not re.search(re.escape(str(learner.folder)), left)
