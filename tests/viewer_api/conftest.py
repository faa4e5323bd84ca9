"""A real store behind the real application on a real port."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from tests.viewer_api.telemetry import export
from viewer.api.app import build_api
from viewer.settings import Settings
from viewer.store.store import Store


@dataclass(frozen=True)
class Client:
    """Gets from one server; headers and all are `requests`' own."""

    address: str
    session: requests.Session

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.session.get(self.address + path, timeout=20, **options)

    def json(self, path: str, **options: Any) -> Any:
        response = self.get(path, **options)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path: str, **options: Any) -> requests.Response:
        return self.session.post(self.address + path, timeout=20, **options)


@contextmanager
def serving(store: Store, settings: Settings) -> Iterator[Client]:
    # The socket listens before the server runs: the first request just waits for it.
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        build_api(store, settings), log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    try:
        with requests.Session() as session:
            yield Client(f"http://127.0.0.1:{listening.getsockname()[1]}", session)
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    opened = Store.open(settings.data)
    yield opened
    opened.close()


@pytest.fixture
def client(store: Store, settings: Settings) -> Iterator[Client]:
    with serving(store, settings) as served:
        yield served


@pytest.fixture
def send(store: Store) -> Callable[..., None]:
    """Store what services send, and return when it can be read."""

    def send(*groups: ResourceSpans) -> None:
        store.submit("traces", export(groups), items=1).result(10)
        assert store.flush()

    return send
