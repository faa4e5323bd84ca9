"""The README's commands, run as they are."""

from __future__ import annotations

import re
import shlex
import subprocess

import pytest

from tests.system.demo import Demo, await_
from tests.system.terminal import Terminal
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.traces import web

README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
COMMANDS = [line for block in BLOCKS for line in block.splitlines()]
# These make a folder in the current one: tests/workshop/test_readme.py runs them.
WORKSHOP = [c for c in COMMANDS if " workshop " in c]
# These write into the project of a user: tests/helpers/test_readme.py runs them.
HELPERS = [c for c in COMMANDS if c.startswith("kit helpers ")]
LONG_RUNNING = ["make demo", ".venv/bin/kit viewer --source ."]
# Runs this test.
THIS = "make test"
# Ends the demo of the other tests; every fixture runs it at its end.
END = ".venv/bin/kit down"
COMMANDS_OF_A_RUNNING_DEMO = [
    c for c in COMMANDS if c not in [*LONG_RUNNING, *WORKSHOP, *HELPERS, THIS, END]
]


def test_every_command_of_the_readme_is_run_here() -> None:
    assert set(COMMANDS) == {
        *LONG_RUNNING,
        *WORKSHOP,
        *HELPERS,
        THIS,
        END,
        *COMMANDS_OF_A_RUNNING_DEMO,
    }
    assert len(COMMANDS_OF_A_RUNNING_DEMO) >= 4


@pytest.mark.parametrize("command", COMMANDS_OF_A_RUNNING_DEMO)
def test_a_command_works_while_the_demo_runs(command: str, demo: Demo) -> None:
    answer = subprocess.run(
        shlex.split(command),
        cwd=ROOT,
        env=demo.environment,
        capture_output=True,
        text=True,
        check=False,
    )

    output = answer.stdout + answer.stderr
    assert answer.returncode == (1 if "decline" in command else 0), output
    assert answer.stdout


def test_make_demo_shows_a_trace_and_its_address(idle_demo: Demo) -> None:
    terminal = Terminal(["make", "demo"], idle_demo.environment)
    try:
        text = terminal.expect(r"To end it +Ctrl-C", within=120)
        terminal.press_ctrl_c()
        terminal.process.wait(10)
    finally:
        terminal.close()

    assert idle_demo.url("VIEWER_PORT", "/trace/") in text
    assert "POST /orders" in text
    assert idle_demo.processes() == []


def test_the_viewer_alone_answers_on_its_ports(idle_demo: Demo) -> None:
    (command,) = (c for c in LONG_RUNNING if "viewer" in c)
    terminal = Terminal(shlex.split(command), idle_demo.environment)
    status = idle_demo.url("VIEWER_PORT", "/api/x/status")
    try:
        await_(lambda: web.answers(status), bool, lambda _: "no answer")
        terminal.press_ctrl_c()

        assert terminal.process.wait(10) == 0
    finally:
        terminal.close()


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_link_of_the_readme_leads_to_a_file(link: str) -> None:
    assert (ROOT / link).exists()
