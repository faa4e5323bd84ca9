"""Charges an order: one call to payments.

declined_because = charge_order(order, card)     # None if it is paid
"""

from __future__ import annotations

from typing import cast

import requests
from flask import current_app

from demo_services.billing.invoices import Order
from demo_services.problems import raise_for_problem
from demo_services.settings import settings


def charge_order(order: Order, card: str) -> str | None:
    """Charge the card for an order; return the reason for a decline, or None.

    The order's id is the idempotency key: a repeated call charges nothing twice.
    """
    response = _payments().post(
        f"{settings().payments_url}/charges",
        json={"amount": order["total"], "currency": order["currency"], "card": card},
        headers={"Idempotency-Key": order["id"]},
    )
    if response.status_code == 402:
        return cast(str, response.json()["reason"])
    raise_for_problem(response, "payments", order_id=order["id"])
    return None


def _payments() -> requests.Session:
    return cast(requests.Session, current_app.extensions["payments"])
