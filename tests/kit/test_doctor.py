"""`kit doctor compose` without Docker; with it: tests/compose."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tracing_starter_kit.kit.cli import main


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker command whose script a test writes, instead of the machine's."""
    program = tmp_path / "docker"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def doctor(capsys: pytest.CaptureFixture[str]) -> str:
    assert main(["doctor", "compose"]) == 1
    return capsys.readouterr().err


def test_a_taken_port_is_named_with_its_key(
    docker: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        monkeypatch.setenv("JAEGER_PORT", str(port))

        error = doctor(capsys)

    assert f"Port {port} (JAEGER_PORT) is in use by" in error
    assert "set JAEGER_PORT to another port in .env" in error


def test_two_keys_with_one_port_are_named(
    docker: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAEGER_PORT", "16687")

    assert "set twice: JAEGER_PORT and COMPOSED_VIEWER_PORT" in doctor(capsys)


def test_an_engine_that_is_not_running_is_named(
    docker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.write_text("#!/bin/sh\necho 'Cannot connect to the daemon' >&2; exit 1\n")

    error = doctor(capsys)

    assert "`docker version --format` failed: Cannot connect to the daemon." in error
    assert "`make demo` runs the same system without Docker" in error


def test_a_machine_without_docker_is_told_what_to_install(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "There is no command `docker`: install" in doctor(capsys)


def test_an_old_compose_is_named_with_the_oldest_that_will_do(
    docker: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.write_text(
        '#!/bin/sh\ncase "$1 $2" in version*) echo 20.10;; "compose version") '
        "echo 2.17.3;; esac\n"
    )

    assert "Compose 2.17.3 is too old: install 2.20 or newer" in doctor(capsys)
