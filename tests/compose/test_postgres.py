"""The tests of tests/demo_services, on PostgreSQL instead of SQLite."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.compose.stack import PROJECT
from tests.ports import free_port
from tests.system.demo import await_
from tracing_starter_kit.kit.settings import ROOT, read_env_file

pytestmark = pytest.mark.timeout(600)
NAME = f"{PROJECT}-database"
PASSWORD = "demo-postgres"


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def server(docker: None) -> Iterator[str]:
    """The address of a PostgreSQL from the composed system's image."""
    tags = {**read_env_file(ROOT / ".env"), **os.environ}
    port = free_port()
    options = ["--detach", "--rm", "--name", NAME, "--stop-signal", "SIGINT"]
    options += ["--publish", f"127.0.0.1:{port}:5432"]
    options += ["--env", f"POSTGRES_PASSWORD={PASSWORD}"]
    start = run("docker", "run", *options, tags["POSTGRES_IMAGE"])
    assert start.returncode == 0, start.stderr
    ready = ("docker", "exec", NAME, "pg_isready", "--host", "127.0.0.1")
    try:
        await_(
            lambda: run(*ready), lambda answer: answer.returncode == 0, str, within=60
        )
        address = f"postgres:{PASSWORD}@127.0.0.1:{port}/postgres"
        # The server's own database may have no encoding; the tests' have UTF-8.
        yield f"postgresql+psycopg://{address}?client_encoding=utf8"
    finally:
        run("docker", "rm", "--force", "--volumes", NAME)


def test_the_services_do_the_same_on_postgresql(server: str) -> None:
    tests = subprocess.run(
        (sys.executable, "-m", "pytest", "-q", "-x", "tests/demo_services"),
        cwd=ROOT,
        env={**os.environ, "DATABASE_SERVER": server},
        capture_output=True,
        text=True,
        check=False,
    )

    print(tests.stdout.splitlines()[-1])
    assert tests.returncode == 0, tests.stdout
