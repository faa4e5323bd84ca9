"""Fixtures of the workshop's tests."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracing_starter_kit.workshop import kit_command
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.settings import Places
from tracing_starter_kit.workshop.trees import offline_places


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Return addresses at which no part of the kit answers."""
    return offline_places(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def checker(places: Places) -> Iterator[Checker]:
    """A checker, started once for all tests."""
    with Checker(places) as checker:
        yield checker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for one learner's files."""
    return tmp_path


@pytest.fixture(autouse=True)
def kit_is_on_the_path(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the texts of this process say `kit`, whatever PATH the tests have."""
    folder = str(Path(sys.executable).parent)
    monkeypatch.setattr(kit_command, "_lasting_path", lambda: folder)
