"""The README's commands for Docker, run as they are."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.compose.stack import Stack
from tracing_starter_kit.kit.settings import ROOT

pytestmark = pytest.mark.timeout(600)

BLOCKS = re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
UP, *BETWEEN, DOWN = (line for block in BLOCKS for line in block.splitlines())


def test_the_first_and_last_command_are_those_of_the_fixture() -> None:
    assert UP == "docker compose up --build --wait"
    assert DOWN == "docker compose down --volumes"


@pytest.mark.parametrize("command", BETWEEN)
def test_a_command_works_while_the_system_runs(command: str, stack: Stack) -> None:
    run = stack.run(*shlex.split(command))

    assert run.returncode == 0, run.stderr
    assert f"Open it       {stack.url('COMPOSED_VIEWER_PORT', '/trace/')}" in run.stdout
