"""Fixtures of what takes minutes: virtual environments that tests share."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.long.environments import Environments
from tests.long.versions.interpreters import SUPPORTED, interpreters


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Environments]:
    folder = tmp_path_factory.mktemp("environments")
    yield Environments(folder)
    shutil.rmtree(folder)  # pytest would keep those of three runs: gigabytes


def pytest_report_header() -> str:
    return f"interpreters: {', '.join(interpreters())} of {', '.join(SUPPORTED)}"
