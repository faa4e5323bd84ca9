"""Every command of `kit` starts in the image."""

from __future__ import annotations

import pytest

from tests.compose.stack import Stack
from tests.kit.parser import commands

pytestmark = pytest.mark.timeout(600)


@pytest.mark.parametrize("command", commands())
def test_a_command_starts_in_the_image(command: str, stack: Stack) -> None:
    text = stack.inside("first-order", "kit", command, "--help")

    assert f"usage: kit {command}" in text


def test_the_helpers_are_listed_in_the_image(stack: Stack) -> None:
    text = stack.inside("first-order", "kit", "helpers", "list")

    assert "flask_tracing" in text


def test_log_files_are_read_in_the_image(stack: Stack) -> None:
    line = "2026-11-02 10:00:00,000 INFO shop: task 7 started"
    command = f"echo '{line}' | kit logs - --output -"

    assert "resourceLogs" in stack.inside("first-order", "sh", "-c", command)


def test_the_exercises_are_listed_in_the_image(stack: Stack) -> None:
    command = "KIT_STATE_DIR=/tmp/state kit workshop start /tmp/workshop"

    assert "12 exercises" in stack.inside("first-order", "sh", "-c", command)
