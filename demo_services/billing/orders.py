"""Orders: prices, writes and charges them, and queues their receipts.

    POST /orders          from the gateway, with the customer's id
    GET /orders/{id}

An order is written as pending before its card is charged. A request that repeats the
Idempotency-Key continues the same order, so that a client may retry.
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
    """Price, write and charge an order; or continue an earlier attempt."""
    form = request.get_json()
    key = request.headers.get("Idempotency-Key")
    customer = find_customer(form["customer_id"]).with_email(form.get("email"))
    order = earlier_order(form, key) or new_order(form, key, customer)
    # By hand: the order has its id from here on; earlier spans cannot have it.
    set_fields(
        {
            "shop.order.id": order["id"],
            "shop.order.total": order["total"],
            "shop.order.currency": order["currency"],
        }
    )

    if order["status"] == "pending":
        _charge_and_settle(order, customer, form["card"])
    return show_order(order["id"]), 201


@routes.get("/orders/<order_id>")
def show_order(order_id: str) -> Response:
    """Answer with an order in any state.

    Raises:
        Refused: The order does not exist, or this request placed it and was declined.
    """
    with database().connect() as db:
        order = find_order(db, order_id)
        lines = lines_of(db, order_id)
    if order is None:
        raise Refused(404, "Order unknown", f"There is no order {order_id}.")
    if order["status"] == "declined" and request.method == "POST":
        raise _declined(order)
    internal = ("id", "idempotency_key", "fingerprint", "declined_because")
    answer = {name: value for name, value in order.items() if name not in internal}
    if order["declined_because"]:
        answer["declined_because"] = order["declined_because"]
    return jsonify({"order_id": order["id"]} | answer | {"lines": lines})


def _charge_and_settle(order: Order, customer: Customer, card: str) -> None:
    """Charge the card and settle the order: paid with a receipt, or declined.

    The first request to settle the order also writes its receipt, in one transaction.
    """
    declined_because = charge_order(order, card)
    status = "declined" if declined_because else "paid"
    with database().begin() as db:
        is_first = settle_order(db, order["id"], status, because=declined_because)
        needs_receipt = is_first and status == "paid"
        receipt = write_receipt(db, order, customer) if needs_receipt else None
    if receipt and not queue_receipt(receipt):
        receipt_sender().retry(receipt)


def _declined(order: Order) -> Refused:
    reason = order["declined_because"]
    detail = f"The card was declined: {reason}. Nothing was charged: try another card."
    return Refused(402, "Card declined", detail, order_id=order["id"])
