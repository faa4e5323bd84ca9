from __future__ import annotations

from pathlib import Path

import pytest

from tests.wheel.installation import Installation, build_wheel


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An environment in which it is installed."""
    installation = Installation(tmp_path_factory.mktemp("installed") / "venv")
    installation.install(wheel)
    return installation
