from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.kit.parser import commands
from tracing_starter_kit.kit.cli import main
from tracing_starter_kit.kit.demo import state


@pytest.mark.parametrize("command", commands())
def test_every_command_has_a_help(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])

    assert exit_.value.code == 0
    assert "usage: kit " + command in capsys.readouterr().out


def test_without_a_demo_an_order_is_one_sentence(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    unused_port: int,
) -> None:
    monkeypatch.setenv("GATEWAY_PORT", str(unused_port))

    assert main(["order"]) == 1

    error = capsys.readouterr().err
    assert f"http://127.0.0.1:{unused_port}/orders does not answer" in error
    assert "Is the demo running?" in error


def test_an_invalid_setting_ends_the_command(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIEWER_PORT", "none")

    assert main(["status"]) == 1
    assert "VIEWER_PORT='none' is not a port number" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["stop", "start"])
def test_without_a_demo_there_is_nothing_to_stop_or_start(
    command: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))

    assert main([command, "nothing"]) == 1
    assert capsys.readouterr().err == (
        "The demo is not running: start it with `make demo`.\n"
    )


def test_a_program_that_the_demo_has_not_is_answered_with_those_it_has(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    me = state.ProcessId.of(os.getpid())
    programs = tuple(
        state.RunningProgram(name, me, ()) for name in ("viewer", "worker")
    )
    state.save(tmp_path, state.Run(me, "kit", ready=True, programs=programs))
    monkeypatch.setenv("KIT_STATE_DIR", str(tmp_path))

    assert main(["stop", "nothing"]) == 1
    assert capsys.readouterr().err == (
        "The demo has no program 'nothing': choose one of viewer, worker.\n"
    )


@pytest.mark.parametrize("trace_id", ["abc def", "é", "a/b?c", "a\n"])
def test_an_id_with_any_characters_is_one_sentence(
    trace_id: str,
    unused_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VIEWER_PORT", str(unused_port))

    assert main(["trace", trace_id]) == 1
    assert "does not answer" in capsys.readouterr().err
