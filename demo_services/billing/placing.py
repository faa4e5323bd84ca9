"""Creates an order, or finds an earlier one by its Idempotency-Key.

order = earlier_order(form, key) or new_order(form, key, customer)
"""

from __future__ import annotations

import hashlib
import json
from typing import Any
from uuid import uuid4

from sqlalchemy.exc import IntegrityError

from demo_services.billing.customers import Customer
from demo_services.billing.invoices import Order, find_order_by_key, write_order
from demo_services.billing.pricing import price_order
from demo_services.database import database
from demo_services.problems import Refused
from demo_services.trace_address import current_trace_id

Form = dict[str, Any]


def earlier_order(form: Form, key: str | None) -> Order | None:
    """Return the order of an earlier request with this key, or None.

    Raises:
        Refused: The earlier request was a different order.
    """
    if not key:
        return None
    with database().connect() as db:
        order = find_order_by_key(db, form["customer_id"], key)
    if order is not None and order["fingerprint"] != _fingerprint(form):
        detail = "This Idempotency-Key belongs to another order: use a new one."
        raise Refused(409, "Idempotency key used before", detail)
    return order


def new_order(form: Form, key: str | None, customer: Customer) -> Order:
    """Price an order and write it with its invoice, in one transaction."""
    quote = price_order(
        form["plan"],
        form["quantity"],
        form["currency"],
        coupon=form.get("coupon"),
        country=customer.country,
    )
    order = {
        "id": f"o-{uuid4().hex}",
        "customer_id": customer.id,
        "plan": form["plan"],
        "quantity": form["quantity"],
        "idempotency_key": key,
        "fingerprint": _fingerprint(form),
        "trace_id": current_trace_id(),
    }
    try:
        with database().begin() as db:
            return write_order(db, order, quote)
    except IntegrityError:
        # A second request with the same key ran at once, and wrote the order first.
        if (earlier := earlier_order(form, key)) is None:
            raise
        return earlier


def _fingerprint(form: Form) -> str:
    return hashlib.sha256(json.dumps(form, sort_keys=True).encode()).hexdigest()
