"""Fixtures of what takes minutes: virtual environments that tests share."""

from __future__ import annotations

import pytest

from tests.long.environments import Environments


@pytest.fixture(scope="session")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    return Environments(tmp_path_factory.mktemp("environments"))
