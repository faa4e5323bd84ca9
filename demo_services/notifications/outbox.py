"""The outbox: every message to a customer, with the state of its delivery.

    deliver(message)                  # raises DeliveryError
    GET /outbox?order_id=o-17         the messages of an order
    GET /outbox/{receipt_id}

A delivery is a row here and a line in the log; no mail leaves this machine.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select, text, update

from demo_services.database import database
from demo_services.notifications.tables import outbox
from demo_services.problems import Refused

routes = Blueprint("outbox", __name__)
log = logging.getLogger(__name__)

# The same statement for the first attempt and for later ones.
COUNT_ATTEMPT = text("""
    INSERT INTO outbox
        (receipt_id, order_id, recipient, body, status, attempts, deliveries)
    VALUES (:receipt_id, :order_id, :recipient, :body, 'trying', 1, 0)
    ON CONFLICT (receipt_id) DO UPDATE SET attempts = outbox.attempts + 1
    WHERE outbox.status <> 'delivered'
    RETURNING attempts
""")


class DeliveryError(Exception):
    """The recipient's mail server did not accept a message."""

    def __init__(self, domain: str, attempt: int) -> None:
        """Name the server's domain, and the number of this attempt, from 1."""
        super().__init__(f"the mail server of {domain} did not answer")
        self.attempt = attempt


@dataclass(frozen=True)
class Message:
    """A receipt to deliver to a customer."""

    receipt_id: str
    order_id: str
    recipient: str
    body: str


def deliver(message: Message) -> bool:
    """Deliver a message; False if it was delivered before.

    The queue delivers at least once; the receipt's id makes it exactly once.

    Raises:
        DeliveryError: The recipient's server did not accept it.
    """
    of_message = update(outbox).where(outbox.c.receipt_id == message.receipt_id)
    # One transaction: another process with the same message waits here, and then finds
    # it delivered.
    with database().begin() as db:
        attempt = db.execute(COUNT_ATTEMPT, vars(message)).scalar_one_or_none()
        if attempt is None:
            return False
        error = _hand_over(message.recipient, attempt)
        if error is None:
            count = outbox.c.deliveries + 1
            db.execute(of_message.values(status="delivered", deliveries=count))
    if error:
        raise error
    log.info("delivered receipt %s to %s", message.receipt_id, message.recipient)
    return True


def give_up(message: Message) -> None:
    """Mark a message as given up, in the outbox and in the log."""
    of_message = update(outbox).where(outbox.c.receipt_id == message.receipt_id)
    with database().begin() as db:
        db.execute(of_message.values(status="given up"))
    log.error("gave up on receipt %s to %s", message.receipt_id, message.recipient)


def _hand_over(recipient: str, attempt: int) -> DeliveryError | None:
    """Stand in for a mail server, whose domain decides its behaviour."""
    domain = recipient.rpartition("@")[2]
    if domain == "bounce.example" or (domain == "flaky.example" and attempt == 1):
        return DeliveryError(domain, attempt)
    return None


@routes.get("/outbox")
def list_messages() -> Response:
    """Answer with the messages of an order, or with any hundred."""
    query = select(outbox).limit(100)
    if order_id := request.args.get("order_id"):
        query = query.where(outbox.c.order_id == order_id)
    with database().connect() as db:
        rows = db.execute(query).mappings().all()
    return jsonify([dict(row) for row in rows])


@routes.get("/outbox/<receipt_id>")
def show_message(receipt_id: str) -> Response:
    """Answer with one message."""
    query = select(outbox).where(outbox.c.receipt_id == receipt_id)
    with database().connect() as db:
        row = db.execute(query).mappings().one_or_none()
    if row is None:
        detail = f"There is no message {receipt_id}."
        raise Refused(404, "Message unknown", detail)
    return jsonify(dict(row))
