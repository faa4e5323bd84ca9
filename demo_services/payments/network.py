"""The client of the card network: attempts until it answers, or until a deadline.

    outcome = charge_card("o-17", amount=2700, currency="EUR", card="demo-card-approve")

Every attempt carries the same key, so that the network charges once. The network is a
third party: it gets our request and nothing of our trace.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from typing import Any, cast

import requests
from flask import current_app

from demo_services.problems import Unavailable
from demo_services.settings import settings
from demo_services.tracing import span, traced

FIRST_PAUSE = 0.05


@dataclass(frozen=True)
class Outcome:
    """The outcome of a charge: pending, approved, or declined for a reason."""

    status: str
    reason: str | None = None


# By hand: one span around all attempts shows how long they took together.
@traced
def charge_card(key: str, **charge: Any) -> Outcome:
    """Charge a card, with more attempts while there is time.

    Raises:
        Unavailable: No attempt was answered before the deadline.
    """
    deadline = time.monotonic() + settings().network_deadline
    pause = FIRST_PAUSE
    number = 1
    while True:
        # By hand: each attempt has a span, with its number and its error.
        with span("attempt", {"shop.charge.attempt": number}):
            outcome = _ask(key, charge)
        if outcome:
            return outcome
        # Requests that failed together should not come back together.
        pause = 2 * pause * random.uniform(0.5, 1)
        if time.monotonic() + pause + settings().network_timeout > deadline:
            raise Unavailable("card network", retry_after=5)
        time.sleep(pause)
        number += 1


def _ask(key: str, charge: dict[str, Any]) -> Outcome | None:
    """Ask the network once; None if another attempt may succeed."""
    try:
        response = _network().post(
            f"{settings().card_network_url}/charges",
            json=charge,
            headers={"Idempotency-Key": key},
        )
    except Unavailable:
        return None
    if response.status_code >= 500:
        return None
    body = response.json()
    return Outcome(body["status"], body.get("reason"))


def _network() -> requests.Session:
    return cast(requests.Session, current_app.extensions["card network"])
