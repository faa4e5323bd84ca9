"""The queue between billing and notifications: Celery over a Redis-like server.

    queue = open_queue("billing", settings.broker_url, answers_within=0.5)
    queue.send_task("notifications.deliver_receipt", kwargs={...})

Billing sends by a task's name and imports none; the worker registers the tasks. A
server that is down costs the sender well under a second, once.
"""

from __future__ import annotations

from typing import cast

from celery import Celery
from flask import current_app

CONNECT_TIMEOUT = 0.3
# A message that its worker took and did not finish (it was killed) goes to another.
REDELIVER_AFTER = 60


def open_queue(service: str, url: str, *, answers_within: float) -> Celery:
    """Return the Celery application of one service; it connects when it is used.

    Args:
        service: The name of the application.
        url: Where the broker is.
        answers_within: Seconds to wait for a broker that is there and says nothing.
    """
    queue = Celery(service, broker=url, set_as_current=False)
    transport = {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": answers_within,
        "max_retries": 0,
    }
    queue.conf.update(
        # The caller decides what happens with what could not be sent.
        task_publish_retry=False,
        broker_connection_timeout=CONNECT_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=transport | {"visibility_timeout": REDELIVER_AFTER},
        # A task is done when it has run, not when it was taken.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue="notifications",
        # Nobody steers or watches this worker over the queue: less to poll.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    return queue


def the_queue() -> Celery:
    """Return the queue of the service that runs this code."""
    return cast(Celery, current_app.extensions["queue"])


def is_up() -> bool:
    """Say whether the broker takes a connection now."""
    with the_queue().connection_for_write() as connection:
        try:
            connection.connect()
        except connection.connection_errors:
            return False
    return True
