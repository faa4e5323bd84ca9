"""Orders: priced, written, charged, and their receipt queued.

    POST /orders          from the gateway, with the customer's id
    GET /orders/{id}

An order is written as pending before its card is charged. The same request with the
same Idempotency-Key takes it up where it stands, so that a client may try again.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from demo_services.billing.charging import charge_order
from demo_services.billing.customers import Customer, find_customer
from demo_services.billing.invoices import Order, find_order, lines_of, settle_order
from demo_services.billing.placing import earlier_order, new_order
from demo_services.billing.receipt_sender import receipt_sender
from demo_services.billing.receipts import queue_receipt, write_receipt
from demo_services.database import database
from demo_services.problems import Refused
from demo_services.tracing import set_fields

routes = Blueprint("orders", __name__)


@routes.post("/orders")
def place_order() -> tuple[Response, int]:
    """Price an order, write it, have it paid; or go on with an earlier try."""
    form = request.get_json()
    key = request.headers.get("Idempotency-Key")
    customer = find_customer(form["customer_id"]).reached_at(form.get("email"))
    order = earlier_order(form, key) or new_order(form, key, customer)
    # By hand: the order has its id now; the spans before this line cannot have it.
    set_fields(
        {
            "shop.order.id": order["id"],
            "shop.order.total": order["total"],
            "shop.order.currency": order["currency"],
        }
    )

    if order["status"] == "pending":
        _have_it_paid(order, customer, form["card"])
    return show_order(order["id"]), 201


@routes.get("/orders/<order_id>")
def show_order(order_id: str) -> Response:
    """Answer with an order, whatever became of it.

    Raises:
        Refused: There is no such order, or its card was declined while placing it.
    """
    with database().connect() as db:
        order = find_order(db, order_id)
        lines = lines_of(db, order_id)
    if order is None:
        raise Refused(404, "Order unknown", f"There is no order {order_id}.")
    if order["status"] == "declined" and request.method == "POST":
        raise _declined(order)
    hidden = ("id", "idempotency_key", "fingerprint", "declined_because")
    shown = {name: value for name, value in order.items() if name not in hidden}
    if order["declined_because"]:
        shown["declined_because"] = order["declined_because"]
    return jsonify({"order_id": order["id"]} | shown | {"lines": lines})


def _have_it_paid(order: Order, customer: Customer, card: str) -> None:
    """Charge the card and settle the order: paid with a receipt, or declined.

    Whoever settles the order first also writes its receipt, in one transaction.
    """
    declined_because = charge_order(order, card)
    status = "declined" if declined_because else "paid"
    with database().begin() as db:
        first = settle_order(db, order["id"], status, because=declined_because)
        waiting = first and status == "paid"
        receipt = write_receipt(db, order, customer) if waiting else None
    if receipt and not queue_receipt(receipt):
        receipt_sender().take(receipt)


def _declined(order: Order) -> Refused:
    because = order["declined_because"]
    detail = f"The card network said: {because}. Nothing was charged; try another card."
    return Refused(402, "Card declined", detail, order_id=order["id"])
