"""The commands of `kit workshop`, and the texts that they print."""

from __future__ import annotations

import json
import os
import re
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
    """Work in an empty folder, with a kit that knows no workshop folder yet."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path / "state"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """Make the learner's folder."""
    assert main(["workshop", "start", "mine"]) == 0
    return tmp_path / "here" / "mine"


@pytest.mark.parametrize("command", ["watch", "check", "hint", "reset", "list"])
def test_without_a_folder_it_says_how_to_get_one(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["workshop", command]) == 1

    assert "`kit workshop start` makes one here" in capsys.readouterr().err


def test_start_writes_every_exercise_and_names_the_next_step(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["workshop", "start"]) == 0

    mine = tmp_path / "here" / "tracing-workshop"
    output = capsys.readouterr().out
    assert f"written to {mine}" in output
    assert "kit workshop watch" in output
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

    result = subprocess.run(
        [sys.executable, "-m", "tracing_starter_kit", "workshop", *command.split()],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        check=False,
    )
    os.close(writer)

    assert result.stderr == ""
    assert result.returncode == 141


def test_start_again_touches_nothing(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.write_text("mine")
    capsys.readouterr()

    assert main(["workshop", "start", "mine"]) == 0

    assert shop.read_text() == "mine"
    assert "mine exists." in capsys.readouterr().out


def test_start_on_a_file_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("file").write_text("")

    assert main(["workshop", "start", "file"]) == 1

    assert "name another folder" in capsys.readouterr().err


def test_list_works_from_any_folder(
    mine: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert main(["workshop", "list"]) == 0

    assert str(mine) in capsys.readouterr().out


def test_check_shows_the_trace_the_expected_trace_and_the_mistake(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["workshop", "check", "7"]) == 1

    output = capsys.readouterr().out
    parts = [
        "Your trace",
        "Expected, for a request",
        "the span for `price_order` is missing",
    ]
    assert sorted(parts, key=output.index) == parts


def test_an_unknown_number_is_refused_with_the_valid_ones(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["workshop", "check", "99"]) == 1

    assert (
        "There is no exercise 99: choose a number from 1 to 12."
        in capsys.readouterr().err
    )


def test_hints_go_from_a_nudge_to_nearly_the_answer(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(4):
        main(["workshop", "hint", "7"])

    output = capsys.readouterr().out
    assert [output.count(f"Hint {level} of 3 for 7") for level in (1, 2, 3)] == [
        1,
        1,
        2,
    ]


def test_solution_asks_first_and_keeps_what_it_replaces(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.write_text("my own attempt")
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert main(["workshop", "solution", "7"]) == 1
    assert shop.read_text() == "my own attempt"

    monkeypatch.setattr("builtins.input", lambda _: "y")
    assert main(["workshop", "solution", "7"]) == 0

    assert "@traced" in shop.read_text()
    backup = next((mine / ".workshop" / "before").rglob("shop.py"))
    assert backup.read_text() == "my own attempt"
    assert str(backup.parent) in capsys.readouterr().out


def test_reset_restores_a_removed_file(mine: Path) -> None:
    shop = mine / "07-a-span-by-hand" / "shop.py"
    shop.unlink()

    assert main(["workshop", "reset", "7"]) == 0

    assert "def price_order" in shop.read_text()


def test_a_damaged_progress_file_is_set_aside(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / ".workshop" / "progress.json").write_text("{half")

    assert main(["workshop", "list"]) == 0

    printed = capsys.readouterr()
    (damaged,) = (mine / ".workshop").glob("progress.json.unread-*")
    assert "0 of" in printed.out
    assert f"file is {damaged}." in printed.err
    assert damaged.read_text() == "{half"


def test_a_missing_progress_file_needs_no_message(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / ".workshop" / "progress.json").unlink(missing_ok=True)

    assert main(["workshop", "list"]) == 0

    assert capsys.readouterr().err == ""


def test_after_a_passed_check_the_next_exercise_is_named(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["workshop", "solution", "--yes", "7"]) == 0

    assert main(["workshop", "check", "7"]) == 0

    assert "Next is 8, " in capsys.readouterr().out


def test_after_the_last_exercise_comes_the_first_open_one(mine: Path) -> None:
    progress = Progress(mine, passed=[2, *range(4, 13)])

    first, third = by_number(1), by_number(3)
    assert progress.current(after=by_number(12)) is first
    assert progress.current(after=by_number(2)) is third
    progress.passed += [1, 3]
    assert progress.current(after=by_number(12)) is None


def test_an_answer_that_the_check_does_not_understand_is_a_sentence(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks = mine / "02-a-log-line-with-fields" / "tasks.py"
    tasks.write_text(tasks.read_text().replace('{"open":', '{"opened":'))

    assert main(["workshop", "check", "2"]) == 1

    output = capsys.readouterr().out
    assert "does not understand the program's answer (KeyError: 'open')" in output
    assert "kit workshop reset 2" in output


@pytest.mark.parametrize("is_solved", [False, True])
def test_check_prints_one_json_object_for_scripts(
    mine: Path, capsys: pytest.CaptureFixture[str], *, is_solved: bool
) -> None:
    if is_solved:
        main(["workshop", "solution", "--yes", "7"])
    capsys.readouterr()

    status = main(["workshop", "check", "7", "--json"])

    verdict = json.loads(capsys.readouterr().out)
    assert list(verdict) == ["exercise", "passed", "sentence", "trace_id"]
    assert (verdict["exercise"], verdict["passed"]) == (7, is_solved)
    assert ("`price_order` is missing" in verdict["sentence"]) != is_solved
    assert re.fullmatch("[0-9a-f]{32}", verdict["trace_id"])
    assert status == (0 if is_solved else 1)


def test_a_program_without_a_trace_has_null_in_its_json_object(
    mine: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (mine / "07-a-span-by-hand" / "shop.py").unlink()
    capsys.readouterr()

    assert main(["workshop", "check", "7", "--json"]) == 1

    verdict = json.loads(capsys.readouterr().out)
    assert "shop.py is missing" in verdict["sentence"]
    assert verdict["trace_id"] is None


def test_sentences_break_between_words(
    mine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "40")

    main(["workshop", "check", "7"])

    output = capsys.readouterr().out
    sentence = output[
        output.index("In the trace of POST") : output.index("To see traces")
    ]
    assert max(map(len, sentence.splitlines())) <= 40
    assert "span for `price_order` is missing." in sentence.replace("\n", " ")
