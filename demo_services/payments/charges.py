"""Charges: each key is charged once, also if this process dies meanwhile.

    POST /charges    Idempotency-Key: o-17    {"amount": 2700, "currency": "EUR", ...}

A charge is written as pending before the card network is asked. If this process dies
after the network has charged, the next attempt finds the pending row and asks again
with the same key, which charges nothing twice.
"""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from demo_services.database import database
from demo_services.payments.network import Outcome, charge_card
from demo_services.payments.tables import charges
from demo_services.problems import Refused
from demo_services.tracing import set_fields

routes = Blueprint("charges", __name__)


@routes.post("/charges")
def charge() -> tuple[Response, int]:
    """Charge a card; 402 with the reason if the network declines."""
    key = request.headers.get("Idempotency-Key")
    if not key:
        raise Refused(400, "Idempotency-Key missing", "Send one with every charge.")
    fields = {name: request.get_json()[name] for name in ("amount", "currency", "card")}
    row = _find_or_write(key, fields)
    outcome = Outcome(row["status"], row["reason"])
    if outcome.status == "pending":
        outcome = charge_card(key, **fields)
        _write_outcome(key, outcome)
    # By hand: the outcome of the charge, which a status code does not tell.
    set_fields(
        {"shop.charge.status": outcome.status, "shop.charge.reason": outcome.reason}
    )
    if outcome.status == "declined":
        detail = f"The card network declined: {outcome.reason}."
        raise Refused(402, "Card declined", detail, reason=outcome.reason)
    return jsonify(idempotency_key=key, status=outcome.status), 201


def _find_or_write(key: str, fields: dict[str, Any]) -> dict[str, Any]:
    """Return the charge of a key, after writing it as pending if it is new."""
    new = fields | {"idempotency_key": key, "status": "pending", "reason": None}
    row = _find(key)
    if row is None:
        try:
            with database().begin() as db:
                db.execute(insert(charges), new)
        except IntegrityError:
            # A second request with the same key ran at once, and wrote it first.
            row = _find(key)
    row = row or new
    if any(row[name] != value for name, value in fields.items()):
        detail = "This Idempotency-Key belongs to another charge: use a new one."
        raise Refused(409, "Idempotency key used before", detail)
    return row


def _find(key: str) -> dict[str, Any] | None:
    query = select(charges).where(charges.c.idempotency_key == key)
    with database().connect() as db:
        row = db.execute(query).mappings().one_or_none()
    return dict(row) if row else None


def _write_outcome(key: str, outcome: Outcome) -> None:
    of_key = update(charges).where(charges.c.idempotency_key == key)
    with database().begin() as db:
        db.execute(of_key.values(status=outcome.status, reason=outcome.reason))
