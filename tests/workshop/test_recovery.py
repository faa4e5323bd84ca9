"""A damaged folder, or a process that was killed: a sentence, and a way back."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.workshop.learner import exercise_number
from tests.workshop.variant import Variant
from tracing_starter_kit.kit.cli import main
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.running.broker import BrokerError
from tracing_starter_kit.workshop.running.launcher import Launcher
from tracing_starter_kit.workshop.running.program import ProgramError
from tracing_starter_kit.workshop.settings import Places

SLOW = "import time\ntime.sleep(60)\n"


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a learner's folder, the current one."""
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "400")
    assert main(["workshop", "start", str(tmp_path / "mine")]) == 0
    monkeypatch.chdir(tmp_path / "mine")
    return tmp_path / "mine"


@pytest.mark.parametrize("name", ["shop.py", "README.md", ""])
def test_reset_brings_back_what_has_the_wrong_kind(mine: Path, name: str) -> None:
    """A folder where a file should be, and a file where the exercise's folder was."""
    target = mine / "07-a-span-by-hand" / name
    target.rename(mine / "aside")
    if name:
        (target / "inner").mkdir(parents=True)
    else:
        target.write_text("notes")

    assert main(["workshop", "reset", "7"]) == 0

    assert (mine / "07-a-span-by-hand" / "shop.py").read_text().startswith('"""A small')
    (backup,) = (mine / ".workshop" / "before").glob("07-*")
    assert [path.name for path in backup.iterdir()] == [target.name]


def test_answers_that_are_a_folder_are_a_sentence_and_come_back(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = mine / "05-a-log-file-as-traces" / "answers.toml"
    answers.unlink()
    answers.mkdir()

    assert main(["workshop", "check", "5"]) == 1

    assert "answers.toml cannot be read (Is a directory)" in capsys.readouterr().out
    assert main(["workshop", "reset", "5"]) == 0
    assert answers.is_file()


@pytest.mark.parametrize(
    ("command", "expected"),
    [("check 7", "span for `price_order` is missing"), ("hint 7", "Hint 1 of 3")],
)
def test_progress_that_cannot_be_stored_hides_no_answer(
    mine: Path, capsys: pytest.CaptureFixture[str], command: str, expected: str
) -> None:
    (mine / ".workshop" / "progress.lock").mkdir()  # root may write everywhere

    main(["workshop", *command.split()])

    printed = capsys.readouterr()
    assert expected in printed.out
    assert "progress.lock cannot be written to (Is a directory). Make" in printed.err


def test_a_read_only_file_is_restored(mine: Path) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.write_text("mine")
    shop.chmod(0o444)

    assert main(["workshop", "reset", "7"]) == 0

    assert "def price_order" in shop.read_text()
    assert os.access(shop, os.W_OK)


def test_a_killed_fork_server_is_replaced_at_the_next_check(
    places: Places, folder: Path
) -> None:
    solved = Variant(7, "the solution", {})
    exercise = exercise_number(7)
    target = solved.write(exercise, folder)
    with Checker(places) as checker:
        server = checker._launcher._process
        os.kill(server.pid, signal.SIGKILL)
        server.wait()

        verdict = checker.check(exercise, target)

    assert verdict.passed, verdict.sentence


def test_a_fork_server_killed_in_a_check_is_said_at_once(folder: Path) -> None:
    (folder / "shop.py").write_text(SLOW)
    with Launcher() as launcher:
        program = launcher.start("web", "shop", folder=folder, environment={})
        os.kill(launcher._process.pid, signal.SIGKILL)

        with pytest.raises(ProgramError, match="was killed"):
            program.wait_ready()


def test_a_killed_queue_server_is_replaced_at_the_next_check(places: Places) -> None:
    with Checker(places) as checker:
        old = checker.broker()
        old._client.shutdown(nosave=True)

        with pytest.raises(BrokerError, match="was killed"):
            old.wait_until_empty()
        new = checker.broker()
        new.wait_until_empty()

    assert new.url != old.url
