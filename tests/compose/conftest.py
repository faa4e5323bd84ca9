"""One composed system for all tests of this folder."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

import pytest

from tests.compose.stack import Stack, running_stack


def docker_problem() -> str | None:
    """Return the reason why no Docker engine answers, or None if one does."""
    try:
        answer = subprocess.run(
            ("docker", "compose", "ls"), capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        return "there is no command docker"
    return (answer.stderr.strip() or None) if answer.returncode else None


@pytest.fixture(scope="session")
def docker() -> None:
    """A Docker engine; without it, tests are skipped, and fail in CI."""
    if problem := docker_problem():
        message = f"These tests need a Docker engine with Compose 2: {problem}."
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)


@pytest.fixture(scope="session")
def stack(docker: None) -> Iterator[Stack]:
    """The whole system, healthy, after its first order."""
    with running_stack() as stack:
        yield stack
