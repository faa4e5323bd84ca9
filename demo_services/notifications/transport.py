"""The worker's way to its broker, on which an outage of it costs no message.

    queue.conf.broker_transport = TRANSPORT

Celery takes as many messages as it has processes: each from the broker's list, with a
note in a table there, which is removed when the message is acknowledged. Kombu 5.7 does
not expect the broker to go away in between (two of five restarts of Valkey under load
ended badly):

- Before the note: it drops the message that it has just taken. Here it is worked on.
- Before the acknowledgement: the message keeps its place for ever. Once all places are
  lost so, it never asks the broker again, nor sees that the connection is gone. Here
  the place is given back; what is still noted, the broker gives out once more.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis, virtual

TRANSPORT = f"{__name__}:Transport"


class QoS(redis.QoS):
    """The messages that are taken and not done; as many as there are places."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Note that a message is taken, at least here."""
        try:
            super().append(message, delivery_tag)
        except self.channel.connection_errors:  # type: ignore[attr-defined]
            virtual.QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Note that it is done, at least here."""
        virtual.QoS.ack(self, delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """Note that it will not be done, at least here."""
        virtual.QoS.ack(self, delivery_tag)
        super().reject(delivery_tag, requeue)


class Channel(redis.Channel):
    """A channel whose messages are kept as above."""

    QoS = QoS


class Transport(redis.Transport):
    """A transport with such channels."""

    Channel = Channel
