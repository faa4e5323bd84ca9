"""A message that the worker has taken, which makes room for another one in any case.

    class OurTask(Task): Request = "demo_services.…:TakenMessage"

Celery takes as many messages as it has processes, and further ones as those are
acknowledged. If the broker goes away in between, the acknowledging fails, and Celery
5.7 keeps their places: with all of them lost so, it never asks the broker again, and
does not even see that the connection is gone (two of five restarts of Valkey under load
ended so). The broker gives such a message out once more, to be found delivered.
"""

from __future__ import annotations

from celery.worker.request import Request
from kombu.transport.virtual import QoS


class TakenMessage(Request):
    """What Celery makes of a message; see above for what is different."""

    def acknowledge(self) -> None:
        """Tell the broker that the message is done with, and make room."""
        super().acknowledge()
        self._make_room()

    def reject(self, requeue: bool = False) -> None:  # noqa: FBT001, FBT002 - Celery's
        """Tell the broker that the message will not be done, and make room."""
        super().reject(requeue)
        self._make_room()

    def _make_room(self) -> None:
        # Only here: what the broker knows, the transport's own ack() told it already.
        if isinstance(qos := self.message.channel.qos, QoS):
            QoS.ack(qos, self.message.delivery_tag)
