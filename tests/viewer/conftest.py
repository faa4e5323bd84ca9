"""A real store, and the OTLP/HTTP application in front of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.viewer.asgi import Client
from tracing_starter_kit.viewer.receiver.http import build_otlp_app
from tracing_starter_kit.viewer.store import Store

MAX_BODY = 1 << 20


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def store(data: Path) -> Iterator[Store]:
    store = Store.open(data)
    yield store
    store.close()


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store for tests that read only their own spans."""
    store = Store.open(tmp_path_factory.mktemp("viewer") / "data")
    yield store
    store.close()


@pytest.fixture(scope="module")
def otlp(shared_store: Store) -> Iterator[Client]:
    client = Client(build_otlp_app(shared_store, max_body_bytes=MAX_BODY))
    yield client
    client.close()


def rows(store: Store, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """Wait until all submitted data is readable, and run the query."""
    assert store.flush()
    with store.cursor() as cursor:
        return cursor.execute(query, parameters).fetchall()


def stored_names(store: Store, trace_id: bytes) -> list[str]:
    query = "SELECT name FROM spans WHERE trace_id = ?::UUID ORDER BY name"
    return [row[0] for row in rows(store, query, trace_id.hex())]
