"""Receipts: renders and delivers them, retries, and gives up in the end.

queue.send_task("notifications.deliver_receipt", kwargs={"receipt": {...}})
"""

from __future__ import annotations

from typing import Any

from celery import Task

from demo_services.notifications.outbox import DeliveryError, Message, deliver, give_up
from demo_services.notifications.texts import render
from demo_services.tracing import set_fields

MOST_ATTEMPTS = 4
FIRST_PAUSE = 0.25  # seconds


def deliver_receipt(self: Task[Any, Any], receipt: dict[str, Any]) -> None:
    """Deliver the receipt of an order; each retry is a task in the same trace."""
    # By hand: also a receipt that comes without a trace names its order.
    set_fields({"shop.order.id": receipt["order_id"]})
    message = Message(
        receipt_id=receipt["id"],
        order_id=receipt["order_id"],
        recipient=receipt["email"],
        body=render("receipt.txt", **receipt),
    )
    try:
        deliver(message)
    except DeliveryError as error:
        # The outbox counts attempts: the task also runs again for other reasons.
        if error.attempt >= MOST_ATTEMPTS:
            give_up(message)
            raise
        pause = FIRST_PAUSE * 2 ** (error.attempt - 1)
        raise self.retry(exc=error, countdown=pause) from error
