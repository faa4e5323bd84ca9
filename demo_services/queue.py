"""The queue between billing and notifications: Celery over a Redis-like server.

    queue = open_queue("billing", settings.broker_url, answers_within=0.5)
    queue.send_task("notifications.deliver_receipt", kwargs={...})

Billing sends tasks by name and imports none; the worker registers them. An absent
server costs the sender well under a second, once.
"""

from __future__ import annotations

from typing import cast

from celery import Celery
from flask import current_app

CONNECT_TIMEOUT = 0.3
# Seconds after which a message of a killed worker goes to another one.
REDELIVER_AFTER = 60


def open_queue(service: str, url: str, *, answers_within: float) -> Celery:
    """Return a service's Celery application; it connects when it is used.

    Args:
        service: The name of the application.
        url: The broker's address.
        answers_within: Seconds to wait for a broker that accepts and does not answer.
    """
    queue = Celery(service, broker=url, set_as_current=False)
    transport = {
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": answers_within,
        "max_retries": 0,
    }
    queue.conf.update(
        # The caller handles a failure to send.
        task_publish_retry=False,
        broker_connection_timeout=CONNECT_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options=transport | {"visibility_timeout": REDELIVER_AFTER},
        # A task is acknowledged after it has run, not when it is received.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        task_default_queue="notifications",
        # No remote control and no events: less polling.
        worker_enable_remote_control=False,
        worker_send_task_events=False,
    )
    return queue


def the_queue() -> Celery:
    """Return the queue of the current application."""
    return cast(Celery, current_app.extensions["queue"])


def is_up() -> bool:
    """Tell whether the broker accepts a connection now."""
    with the_queue().connection_for_write() as connection:
        try:
            connection.connect()
        except connection.connection_errors:
            return False
    return True
