"""`kit workshop`, its commands one by one, in the words that the learner reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workshop.learner import own_environment
from tracing_starter_kit.kit.cli import main
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.exercise import by_number
from tracing_starter_kit.workshop.progress import Progress


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in an empty folder, with a kit that has seen no workshop yet."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """The learner's folder."""
    assert main(["workshop", "start", "mine"]) == 0
    return tmp_path / "here" / "mine"


@pytest.mark.parametrize("command", ["watch", "check", "hint", "reset", "list"])
def test_without_a_folder_it_says_how_to_get_one(command: str, capsys) -> None:
    assert main(["workshop", command]) == 1

    assert "`kit workshop start` makes one here" in capsys.readouterr().err


def test_start_writes_every_exercise_and_says_what_is_next(
    tmp_path: Path, capsys
) -> None:
    assert main(["workshop", "start"]) == 0

    mine = tmp_path / "here" / "tracing-workshop"
    said = capsys.readouterr().out
    assert f"written to {mine}" in said
    assert "kit workshop watch" in said
    assert (mine / "07-a-span-by-hand" / "traced.py").exists()
    assert (mine / "07-a-span-by-hand" / "README.md").exists()
    assert not (mine / "07-a-span-by-hand" / "check.py").exists()


@pytest.mark.parametrize("command", ["list", "check 7"])
def test_a_pipe_that_is_closed_ends_it_quietly(
    mine: Path, tmp_path: Path, command: str
) -> None:
    environment = own_environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    reader, writer = os.pipe()
    os.close(reader)

    done = subprocess.run(
        [sys.executable, "-m", "tracing_starter_kit", "workshop", *command.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        check=False,
    )
    os.close(writer)

    assert done.stderr == ""
    assert done.returncode == 141


def test_start_again_touches_nothing(mine: Path, capsys) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.write_text("mine")
    capsys.readouterr()

    assert main(["workshop", "start", "mine"]) == 0

    assert shop.read_text() == "mine"
    assert "was there already" in capsys.readouterr().out


def test_start_on_a_file_says_what_to_do(tmp_path: Path, capsys) -> None:
    Path("taken").write_text("")

    assert main(["workshop", "start", "taken"]) == 1

    assert "name another folder" in capsys.readouterr().err


def test_the_folder_is_found_from_anywhere(
    mine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["workshop", "list"]) == 0

    assert str(mine) in capsys.readouterr().out


def test_check_says_what_it_saw_and_what_is_missing(mine: Path, capsys) -> None:
    assert main(["workshop", "check", "7"]) == 1

    said = capsys.readouterr().out
    parts = [
        "Your trace",
        "Expected, for a request",
        "a span for `price_order` is missing",
    ]
    assert sorted(parts, key=said.index) == parts


def test_an_unknown_number_names_those_that_there_are(mine: Path, capsys) -> None:
    assert main(["workshop", "check", "99"]) == 1

    assert "There is no exercise 99: they are 1 to 12" in capsys.readouterr().err


def test_hints_go_from_a_nudge_to_nearly_the_answer(mine: Path, capsys) -> None:
    for _ in range(4):
        main(["workshop", "hint", "7"])

    said = capsys.readouterr().out
    assert [said.count(f"Hint {level} of 3 for 7") for level in (1, 2, 3)] == [1, 1, 2]


def test_solution_asks_first_and_keeps_what_it_replaces(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.write_text("my own attempt")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["workshop", "solution", "7"]) == 1
    assert shop.read_text() == "my own attempt"

    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert main(["workshop", "solution", "7"]) == 0

    assert "@traced" in shop.read_text()
    kept = next((mine / ".workshop" / "before").rglob("shop.py"))
    assert kept.read_text() == "my own attempt"
    assert str(kept.parent) in capsys.readouterr().out


def test_reset_brings_a_lost_folder_back(mine: Path) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.unlink()

    assert main(["workshop", "reset", "7"]) == 0

    assert "def price_order" in shop.read_text()


def test_progress_that_cannot_be_read_is_kept_and_begun_anew(
    mine: Path, capsys
) -> None:
    (mine / ".workshop" / "progress.json").write_text("{half")

    assert main(["workshop", "list"]) == 0

    said = capsys.readouterr()
    (kept,) = (mine / ".workshop").glob("progress.json.unread-*")
    assert "0 of" in said.out
    assert f"is in {kept}" in said.err
    assert kept.read_text() == "{half"


def test_without_any_progress_nothing_is_said_of_it(mine: Path, capsys) -> None:
    (mine / ".workshop" / "progress.json").unlink(missing_ok=True)

    assert main(["workshop", "list"]) == 0

    assert capsys.readouterr().err == ""


def test_what_is_next_stands_behind_what_was_checked(mine: Path, capsys) -> None:
    assert main(["workshop", "solution", "--yes", "7"]) == 0

    assert main(["workshop", "check", "7"]) == 0

    assert "Next is 8, " in capsys.readouterr().out


def test_behind_the_last_exercise_comes_the_first_that_is_not_done(mine: Path) -> None:
    progress = Progress(mine, passed=[2, *range(4, 13)])

    first, third = by_number(1), by_number(3)
    assert progress.current(after=by_number(12)) is first
    assert progress.current(after=by_number(2)) is third
    progress.passed += [1, 3]
    assert progress.current(after=by_number(12)) is None


def test_a_check_that_understands_nothing_is_a_sentence(mine: Path, capsys) -> None:
    tasks = mine / "02-a-log-line-with-fields" / "tasks.py"
    tasks.write_text(tasks.read_text().replace('{"open":', '{"opened":'))

    assert main(["workshop", "check", "2"]) == 1

    said = capsys.readouterr().out
    assert "could make nothing of what came back (KeyError: 'open')" in said
    assert "kit workshop reset 2" in said


def test_sentences_break_between_words(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    main(["workshop", "check", "7"])

    said = capsys.readouterr().out
    sentence = said[said.index("In the trace of POST") : said.index("To see traces")]
    assert max(map(len, sentence.splitlines())) <= 40
    assert "span for `price_order` is missing." in sentence.replace("\n", " ")
