"""One composed system for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.compose.stack import Stack, running_stack


def why_no_docker() -> str | None:
    """Return why there is no Docker engine to talk to, or None if there is one."""
    try:
        answer = subprocess.run(
            ("docker", "compose", "ls"), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "the command docker is not there"
    return (answer.stderr.strip() or None) if answer.returncode else None


@pytest.fixture(scope="session")
def docker() -> None:
    """A Docker engine; without one tests are skipped, and fail in CI."""
    if why := why_no_docker():
        message = f"These tests need a Docker engine with Compose 2: {why}."
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)


@pytest.fixture(scope="session")
def stack(docker: None) -> Iterator[Stack]:
    """The whole system, up and healthy, its first order sent."""
    with running_stack() as stack:
        yield stack
