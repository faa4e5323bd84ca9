from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.settings import Places
from tracing_starter_kit.workshop.trees import nowhere


@pytest.fixture(scope="session")
def places(tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Places where nothing of the kit runs."""
    return nowhere(tmp_path_factory.mktemp("state"))


@pytest.fixture(scope="session")
def checker(places: Places) -> Iterator[Checker]:
    """What checks need, started once for all tests."""
    with Checker(places) as open_tools:
        yield open_tools


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A place for one learner's files."""
    return tmp_path
