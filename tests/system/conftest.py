"""One running demo for each mode; a test that ends or breaks it starts its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.demo import Demo, new_demo


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo in its default mode, up and ready."""
    yield from _running(new_demo(tmp_path_factory.mktemp("demo")))


@pytest.fixture(scope="session")
def auto_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as `opentelemetry-instrument` starts it."""
    yield from _running(new_demo(tmp_path_factory.mktemp("auto"), "auto"))


@pytest.fixture
def idle_demo(tmp_path: Path) -> Iterator[Demo]:
    """A demo that does not run yet; it is ended after the test."""
    demo = new_demo(tmp_path)
    yield demo
    demo.kit("down")


def _running(demo: Demo) -> Iterator[Demo]:
    started = demo.kit("up", "--detach")
    assert started.returncode == 0, started.stdout + started.stderr
    yield demo
    demo.kit("down")
    assert demo.processes() == []
