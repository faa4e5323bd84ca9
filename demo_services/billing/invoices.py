"""Orders and invoices in the database: written together, settled together.

write_order(db, order, quote)         # pending order, open invoice with its lines
settle_order(db, order_id, "paid")    # or "declined"; True for the first caller
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from demo_services.billing.pricing import Quote
from demo_services.billing.tables import invoice_lines, invoices, orders
from demo_services.tracing import traced

Order = Mapping[str, Any]  # a row of the table orders
INVOICE_STATUS = {"paid": "paid", "declined": "void"}


# By hand: three statements are one step of the business.
@traced
def write_order(db: Connection, order: dict[str, Any], quote: Quote) -> Order:
    """Write a pending order, its invoice and the invoice's lines; return the order."""
    money = {"currency": quote.currency, "total": quote.total}
    order = order | money | {"status": "pending"}
    db.execute(insert(orders), order)
    invoice = {
        "id": f"i-{uuid4().hex}",
        "order_id": order["id"],
        "customer_id": order["customer_id"],
        "day": datetime.now(UTC).date().isoformat(),
        "net": quote.net,
        "tax": quote.tax,
        "status": "open",
    }
    db.execute(insert(invoices), invoice | money)
    lines = [
        {
            "invoice_id": invoice["id"],
            "position": position,
            "description": line.description,
            "amount": line.amount,
        }
        for position, line in enumerate(quote.lines, start=1)
    ]
    db.execute(insert(invoice_lines), lines)
    return order


def settle_order(
    db: Connection, order_id: str, status: str, *, because: str | None = None
) -> bool:
    """Settle a pending order and its invoice; False if another request already has."""
    pending = (orders.c.id == order_id) & (orders.c.status == "pending")
    settle = update(orders).where(pending).values(status=status)
    if db.execute(settle.values(declined_because=because)).rowcount == 0:
        return False
    of_order = update(invoices).where(invoices.c.order_id == order_id)
    db.execute(of_order.values(status=INVOICE_STATUS[status]))
    return True


def find_order(db: Connection, order_id: str) -> Order | None:
    """Return an order, or None."""
    query = select(orders).where(orders.c.id == order_id)
    row = db.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def find_order_by_key(db: Connection, customer_id: str, key: str) -> Order | None:
    """Return the order that a customer placed with an idempotency key, or None."""
    query = select(orders).where(orders.c.customer_id == customer_id)
    by_key = query.where(orders.c.idempotency_key == key)
    row = db.execute(by_key).mappings().one_or_none()
    return dict(row) if row else None


def lines_of(db: Connection, order_id: str) -> list[dict[str, object]]:
    """Return the lines of an order's invoice."""
    query = (
        select(invoice_lines.c.description, invoice_lines.c.amount)
        .join(invoices, invoices.c.id == invoice_lines.c.invoice_id)
        .where(invoices.c.order_id == order_id)
        .order_by(invoice_lines.c.position)
    )
    return [dict(row) for row in db.execute(query).mappings()]
