from __future__ import annotations

import pytest

from tracing_starter_kit.kit.cli import build_parser, main


def commands() -> list[str]:
    (subparsers,) = build_parser()._subparsers._group_actions
    return list(subparsers.choices)


@pytest.mark.parametrize("command", commands())
def test_every_command_explains_itself(command: str, capsys) -> None:
    with pytest.raises(SystemExit) as exit_:
        main([command, "--help"])

    assert exit_.value.code == 0
    assert "usage: kit " + command in capsys.readouterr().out


def test_a_demo_that_does_not_run_is_said_in_one_sentence(
    capsys, monkeypatch: pytest.MonkeyPatch, unused_port: int
) -> None:
    monkeypatch.setenv("GATEWAY_PORT", str(unused_port))

    assert main(["order"]) == 1

    error = capsys.readouterr().err
    assert f"http://127.0.0.1:{unused_port}/orders does not answer" in error
    assert "Is the demo running?" in error


def test_a_setting_that_cannot_be_used_ends_the_command(
    capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VIEWER_PORT", "none")

    assert main(["status"]) == 1
    assert "VIEWER_PORT='none' is no port number" in capsys.readouterr().err
