"""A failure recorded once, where it happened; a declined card that is no failure."""

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.workshop.checking.exceptions import recorded_once
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.what import in_function

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
    """Send an order that is paid, two that are declined, and two that fail."""
    with (
        Partner(charge) as network,
        run.web("shop", CARD_NETWORK_URL=network.url) as shop,
    ):
        failed = [
            shop.post("/orders", ask(run, status), status=502)
            for status in run.different(range(500, 520), 2)
        ]
        declined = [
            shop.post("/orders", ask(run, 200, reason), status=402)
            for reason in run.different(REASONS, 2)
        ]
        paid = shop.post("/orders", ask(run, 200))
    run.traces(paid).are_fine()
    failures = run.traces(*failed)
    charge_span = failures.span(in_function("shop.py", "charge_card"))
    charge_span.failed(
        "CardNetworkError", lambda answer: str(answer.sent["card"]["status"])
    )
    recorded_once(charge_span, "CardNetworkError")
    refusals = run.traces(*declined)
    refusals.are_fine()
    refused = refusals.span(in_function("shop.py", "charge_card"))
    refused.has(
        "shop.charge.decline_reason", lambda answer: answer.sent["card"]["reason"]
    )


def ask(run: Run, status: int, reason: str = "") -> dict[str, Any]:
    """Return an order whose card tells the card network what to answer."""
    card = {"status": status, "reason": reason}
    return {"card": card, "total": run.random.randint(1000, 90000)}


def charge(question: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
    """Be the card network."""
    card = question["card"]
    return card["status"], {"approved": not card["reason"], "reason": card["reason"]}
