"""Receipts: written with the paid invoice, queued at once or later.

    receipt = write_receipt(db, order, customer)    # in the invoice's transaction
    queue_receipt(receipt)                          # after the transaction

An order succeeds without the broker: the receipt waits in the table, and the sender
thread (`receipt_sender.py`) queues it later, in the trace of its order.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from uuid import uuid4

from kombu.exceptions import OperationalError
from sqlalchemy import Connection, insert, select, update

from demo_services.billing.customers import Customer
from demo_services.billing.invoices import Order, lines_of
from demo_services.billing.tables import receipts
from demo_services.database import database
from demo_services.queue import the_queue
from demo_services.tracing import inject_headers, traced

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Receipt:
    """A receipt for notifications to deliver, and its order's trace."""

    id: str
    body: dict[str, object]
    trace_headers: dict[str, str]


def write_receipt(db: Connection, order: Order, customer: Customer) -> Receipt:
    """Write the receipt of a paid order as waiting."""
    receipt = Receipt(
        id=f"r-{uuid4().hex}",
        body={
            "order_id": order["id"],
            "name": customer.name,
            "email": customer.email,
            "currency": order["currency"],
            "total": order["total"],
            "lines": lines_of(db, order["id"]),
        },
        # By hand: a table carries no trace context: it is stored in a column.
        trace_headers=inject_headers(),
    )
    row = {"id": receipt.id, "order_id": order["id"], "status": "waiting"}
    content = {"body": receipt.body, "trace_headers": receipt.trace_headers}
    db.execute(insert(receipts), row | {"written_at": time.time()} | content)
    return receipt


# By hand: queueing is a step of its own, perhaps minutes after the order.
@traced
def queue_receipt(receipt: Receipt) -> bool:
    """Queue a receipt for delivery; False if the broker is down and it waits."""
    try:
        the_queue().send_task(
            "notifications.deliver_receipt",
            kwargs={"receipt": {"id": receipt.id} | receipt.body},
        )
    except OperationalError as error:
        log.warning("receipt %s waits for the broker: %s", receipt.id, error)
        return False
    # After a crash before this line it is queued again: delivery is idempotent.
    of_receipt = update(receipts).where(receipts.c.id == receipt.id)
    with database().begin() as db:
        db.execute(of_receipt.values(status="queued"))
    return True


def waiting_receipts(
    refused: Collection[str], *, abandoned_before: float, limit: int = 100
) -> list[Receipt]:
    """Return the receipts that no request is queueing, oldest first.

    Args:
        refused: The ids of receipts that the broker has refused.
        abandoned_before: The process that wrote an older receipt (seconds since 1970)
            must have died.
        limit: The largest number of receipts.
    """
    abandoned = receipts.c.written_at <= abandoned_before
    query = (
        select(receipts.c.id, receipts.c.body, receipts.c.trace_headers)
        .where(receipts.c.status == "waiting")
        .where(abandoned | receipts.c.id.in_(refused))
        .order_by(receipts.c.written_at)
        .limit(limit)
    )
    with database().connect() as db:
        return [Receipt(*row) for row in db.execute(query)]
