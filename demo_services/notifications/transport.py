"""The worker's transport, which loses no message when the broker goes away.

    queue.conf.broker_transport = TRANSPORT

Celery receives as many messages as it has processes. It removes each from the broker's
list and records it in a table there until it is acknowledged. Kombu 5.7 does not expect
the broker to go away in between (two of five restarts of Valkey under load failed):

- Before the record: kombu drops the received message. Here it is processed.
- Before the acknowledgement: the message occupies its place for ever. Without free
  places, kombu neither asks the broker again nor notices the lost connection. Here the
  place is freed; the broker delivers the recorded message once more.
"""

from __future__ import annotations

from typing import Any

from kombu.transport import redis, virtual

TRANSPORT = f"{__name__}:Transport"


class QoS(redis.QoS):
    """The unacknowledged messages; each occupies a place."""

    def append(self, message: Any, delivery_tag: str) -> None:
        """Record a received message, at least in this process."""
        try:
            super().append(message, delivery_tag)
        except self.channel.connection_errors:  # type: ignore[attr-defined]
            virtual.QoS.append(self, message, delivery_tag)

    def ack(self, delivery_tag: str) -> None:
        """Acknowledge a message, at least in this process."""
        virtual.QoS.ack(self, delivery_tag)
        super().ack(delivery_tag)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - kombu's
        """Reject a message, at least in this process."""
        virtual.QoS.ack(self, delivery_tag)
        super().reject(delivery_tag, requeue)


class Channel(redis.Channel):
    """A channel with this QoS."""

    QoS = QoS


class Transport(redis.Transport):
    """A transport with such channels."""

    Channel = Channel
