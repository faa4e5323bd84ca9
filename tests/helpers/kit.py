"""A small kit for tests: its helpers can be released in a new version."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from tracing_starter_kit.kit.cli import main
from tracing_starter_kit.kit.helpers.catalogue import catalogue

TRACED = '''\
"""Spans by hand: `@traced`.

Needs: pip install opentelemetry-api~=1.45
From the tracing starter kit {version}.
"""

LIMIT = 10


def traced(function):
    """Trace a function."""
    return function


def span(name):
    """Trace a block."""
    return name
'''
LOGS = '''\
"""Log lines that know their trace.

Needs: pip install opentelemetry-sdk~=1.45
send_logs() also: requests~=2.32.
From the tracing starter kit {version}.
"""


class JsonFormatter:
    """Write JSON."""


def send_logs():
    """Send logs."""
'''
HELPERS = {"traced": TRACED, "logs": LOGS}


@dataclass(frozen=True)
class Answer:
    """The status and the output of one command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass(frozen=True)
class Kit:
    """The kit's folder of helpers, and the project of a user."""

    source: Path
    project: Path
    capsys: pytest.CaptureFixture[str]

    def release(self, version: str, **texts: str | None) -> None:
        """Publish a version; None removes a helper."""
        for name, text in {**HELPERS, **texts}.items():
            file = self.source / f"{name}.py"
            if text is None:
                file.unlink(missing_ok=True)
            else:
                file.write_text(text.replace("{version}", version))
        catalogue.cache_clear()

    def run(self, *arguments: str) -> Answer:
        """Run `kit helpers` in the project."""
        status = main(["helpers", *arguments])
        return Answer(status, *self.capsys.readouterr())

    def add(self, *names: str) -> Path:
        """Add helpers to the package shop.tracing and return its folder."""
        assert self.run("add", *names, "--into", "shop/tracing").status == 0
        return self.project / "shop" / "tracing"

    def write(self, name: str, text: str) -> Path:
        """Write a file of the user's project."""
        path = self.project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text))
        return path


def replace(path: Path, old: str, new: str) -> None:
    """Change a file as its owner would."""
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
