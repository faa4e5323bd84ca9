from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.kit import Kit
from tracing_starter_kit.kit.helpers import catalogue as catalogue_module


@pytest.fixture
def kit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Kit]:
    """A kit of two small helpers, and an empty project as the current folder."""
    source, project = tmp_path / "kit", tmp_path / "project"
    source.mkdir()
    project.mkdir()
    monkeypatch.chdir(project)
    monkeypatch.setattr(catalogue_module, "HELPERS", source)
    kit = Kit(source, project, capsys)
    kit.release("0.1.0")
    yield kit
    catalogue_module.catalogue.cache_clear()


@pytest.fixture(params=["with git", "without git"])
def merging(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways to merge."""
    way = str(request.param)
    if way == "without git":
        monkeypatch.setenv("PATH", str(Path(sys.executable).parent))
    return way
