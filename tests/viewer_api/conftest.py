"""A real store behind the real application on a real port."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests
import uvicorn
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans
from starlette import types as asgi
from starlette.types import ASGIApp

from tests.viewer_api.telemetry import export, order
from tracing_starter_kit.viewer.api.app import build_api
from tracing_starter_kit.viewer.servers import listen
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store.store import Store

Send = Callable[..., None]


@dataclass(frozen=True)
class Client:
    """A client of one server; options go to `requests`."""

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


class Site:
    """One server for all tests; each test puts its own application behind it."""

    app: ASGIApp
    address: str

    async def __call__(
        self, scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
    ) -> None:
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    site = Site()
    # The socket listens before the server runs: the first request waits for it.
    listening = listen("127.0.0.1", 0, purpose="the tests' page", setting="nothing")
    site.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    server = uvicorn.Server(
        uvicorn.Config(
            site, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield site
    server.should_exit = True
    thread.join(10)
    listening.close()


@pytest.fixture(scope="session")
def session() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.data)
    yield store
    store.close()


@pytest.fixture
def client(
    site: Site, session: requests.Session, store: Store, settings: Settings
) -> Client:
    """Return a client of an application with a store of the test's own."""
    site.app = build_api(store, settings)
    return Client(site.address, session)


@pytest.fixture
def send(store: Store) -> Send:
    """Store spans as services send them, and return when they can be read."""
    return partial(store_groups, store)


def store_groups(store: Store, *groups: ResourceSpans) -> None:
    spans = sum(len(scope.spans) for group in groups for scope in group.scope_spans)
    store.submit("traces", export(groups), items=spans).result(10)
    assert store.flush()


@contextmanager
def app_with(data: Path, *groups: ResourceSpans) -> Iterator[ASGIApp]:
    """Yield an application for several tests, with these spans in its store."""
    store = Store.open(data)
    if groups:
        store_groups(store, *groups)
    yield build_api(store, Settings(data=data))
    store.close()


@pytest.fixture(scope="session")
def empty_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    with app_with(tmp_path_factory.mktemp("empty")) as app:
        yield app


@pytest.fixture
def empty(site: Site, session: requests.Session, empty_app: ASGIApp) -> Client:
    """Return a client of an application without spans, shared by all tests."""
    site.app = empty_app
    return Client(site.address, session)


@pytest.fixture(scope="session")
def stocked_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ASGIApp]:
    with app_with(tmp_path_factory.mktemp("stocked"), *order()) as app:
        yield app


@pytest.fixture
def stocked(site: Site, session: requests.Session, stocked_app: ASGIApp) -> Client:
    """Return a client of an application with one order, shared by all tests."""
    site.app = stocked_app
    return Client(site.address, session)
