"""A command that the workshop prints or writes works when a learner types it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workshop.learner import KIT, own_environment
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop import kit_command

CALL = re.compile(r"(?:(?<=`)|(?<=  ))(\S*\bkit\s+(?:workshop\s+)?[a-z]+)\b")
SCRIPT = Path(sys.executable).parent / "kit"


def calls_in(text: str) -> set[str]:
    return {" ".join(call.split()) for call in CALL.findall(text)}


def in_new_terminal(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Type a command where no environment is activated."""
    return subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=folder,
        env={"HOME": str(Path.home()), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_all_commands_of_the_learners_folder_work_in_a_new_terminal(
    tmp_path: Path,
) -> None:
    printed = subprocess.run(
        [*KIT, "workshop", "start", "mine"],
        cwd=tmp_path,
        env=own_environment(tmp_path) | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    pages = [*tmp_path.glob("mine/**/*.md"), *tmp_path.glob("mine/**/*.toml")]
    calls = set[str]().union(
        calls_in(printed), *(calls_in(page.read_text()) for page in pages)
    )

    results = {
        call: in_new_terminal(f"{call} --help", tmp_path / "mine") for call in calls
    }

    assert len(calls) >= 8
    assert [r.stderr for r in results.values() if r.returncode] == []
    assert f"`kit` is not on your PATH. So the pages say  {SCRIPT}" in printed


def test_a_message_names_the_path(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kit_command, "_lasting_path", lambda: "/usr/bin:/bin")

    text = kit_command.typable("Run `kit\nworkshop reset` (a kit), or\n    kit up")

    assert text == f"Run `{SCRIPT}\nworkshop reset` (a kit), or\n    {SCRIPT} up"


def test_an_activated_environment_ends_with_its_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", f"{SCRIPT.parent}:/usr/bin:/bin")

    assert kit_command.kit_command() == str(SCRIPT)


def test_a_kit_on_every_terminals_path_is_called_by_its_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    (tmp_path / "kit").symlink_to(SCRIPT)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    assert kit_command.kit_command() == "kit"


def test_a_path_below_home_begins_with_a_tilde_and_is_quoted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "a b" / "bin" / "python"))
    (tmp_path / "a b" / "bin").mkdir(parents=True)
    shutil.copy(SCRIPT, tmp_path / "a b" / "bin" / "kit")

    assert kit_command.kit_command() == "~/'a b/bin/kit'"
