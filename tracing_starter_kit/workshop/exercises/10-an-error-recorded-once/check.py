"""A failure recorded once, where it happened; a declined card is not a failure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.workshop.checking.effects import expect_calls
from tracing_starter_kit.workshop.checking.exceptions import expect_recorded_once
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.span_matchers import in_function, request_to

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
    "errors",
)
REASONS = ("insufficient_funds", "expired_card", "stolen_card", "limit_reached")


def check(run: Run) -> None:
    """Send an order with a good card, two with a declined one, and two that fail."""
    with (
        Partner(charge) as network,
        run.web("shop", CARD_NETWORK_URL=network.url) as shop,
    ):
        failed = [
            shop.post("/orders", new_order(run, status), status=502)
            for status in run.sample(range(500, 520), 2)
        ]
        declined = [
            shop.post("/orders", new_order(run, 200, reason), status=402)
            for reason in run.sample(REASONS, 2)
        ]
        paid = shop.post("/orders", new_order(run, 200))
    expect_calls(network, "/", len(failed) + len(declined) + 1, "card network")
    run.traces(paid).have_no_errors()
    failures = run.traces(*failed)
    charges = failures.span(in_function("charge_card"))
    charges.failed(
        "CardNetworkError", lambda answer: str(answer.inputs["card"]["status"])
    )
    failures.span(request_to("POST /orders")).failed()
    expect_recorded_once(charges, "CardNetworkError")
    refusals = run.traces(*declined)
    refusals.have_no_errors()
    refused_charges = refusals.span(in_function("charge_card"))
    refused_charges.has(
        "shop.charge.decline_reason", lambda answer: answer.inputs["card"]["reason"]
    )


def new_order(run: Run, status: int, reason: str = "") -> dict[str, Any]:
    """Return an order; its card holds the answer that the card network will give."""
    card = {"status": status, "reason": reason}
    return {"card": card, "total": run.random.randint(1000, 90000)}


def charge(body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Answer as the card network."""
    card = body["card"]
    return card["status"], {"approved": not card["reason"], "reason": card["reason"]}
