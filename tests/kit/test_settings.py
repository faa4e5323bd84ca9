from __future__ import annotations

from pathlib import Path

import pytest

from tracing_starter_kit.kit.settings import (
    ROOT,
    SettingsError,
    load_settings,
    read_env_file,
)


def test_ports_come_from_the_env_file() -> None:
    settings = load_settings(environ={})

    assert settings.ports["VIEWER_PORT"] == 16686
    assert settings.state == ROOT / ".kit"


def test_the_environment_wins_over_the_env_file() -> None:
    settings = load_settings(environ={"VIEWER_PORT": "12345"})

    assert settings.url("VIEWER_PORT") == "http://127.0.0.1:12345"


@pytest.mark.parametrize("text", ["", "http", "0", "65536", "-1", "²"])
def test_an_invalid_port_number_is_named_with_its_key(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^VIEWER_PORT=.* set it to 1..65535"):
        load_settings(environ={"VIEWER_PORT": text})


def test_an_unknown_mode_is_refused_with_the_ones_there_are() -> None:
    with pytest.raises(
        SettingsError, match="TRACING=none is unknown: set it to kit or auto"
    ):
        load_settings(environ={"TRACING": "none"})


def test_env_lines_hold_a_key_and_a_value(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text("# a comment=1\n\nA=1\n B = x=y \n")

    assert read_env_file(file) == {"A": "1", "B": "x=y"}
