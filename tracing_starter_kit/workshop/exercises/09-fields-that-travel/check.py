"""Two fields in every program of ours, a third that stays, none to a stranger."""

import re
from urllib.parse import unquote

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.web import Web
from tracing_starter_kit.workshop.checking.what import in_function, request_to
from tracing_starter_kit.workshop.checking.words import NotYet

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "celery_tracing",
    "client_tracing",
    "traced",
    "business",
)
PLANS = ("starter", "team", "business")


def check(run: Run) -> None:
    """Send two orders of two customers; the check is the card network."""
    broker = {"BROKER_URL": run.broker.url}
    with (
        Partner(lambda _: (200, {"approved": True})) as network,
        run.worker("worker", **broker),
        run.web("billing") as billing,
        run.web(
            "shop", BILLING_URL=billing.url, CARD_NETWORK_URL=network.url, **broker
        ) as shop,
    ):
        answers = [order(run, shop, plan) for plan in run.different(PLANS, 2)]
    orders = run.traces(*answers)
    ours = [
        orders.span(request_to("POST /invoices")),
        orders.span(in_function("billing.py", "price_order")),
        orders.span(in_function("receipts.py", "write_receipt")),
    ]
    request = orders.span(request_to("POST /orders"))
    for span in (request, *ours):
        span.has("shop.customer.id", lambda answer: answer.sent["customer"])
        span.has("shop.plan", lambda answer: answer.sent["plan"])
    request.has("shop.payload.size", lambda answer: answer.sent["size"])
    for span in ours:
        span.lacks(
            "shop.payload.size",
            "that is the size of the request to the shop, and this is another",
        )
    network_was_told_nothing(network, answers)


def order(run: Run, shop: Web, plan: str) -> Answer:
    """Send one order."""
    seats = run.random.randint(2, 40)
    customer = run.word("c")
    return shop.post(
        "/orders",
        {"plan": plan, "seats": seats, "card": run.word("card")},
        headers={"X-Customer": customer},
        sent={"customer": customer},
    )


def network_was_told_nothing(network: Partner, answers: list[Answer]) -> None:
    """Demand that each order asks the card network, and no call holds a field."""
    asked = sum(where == "path" for where, _ in network.told)
    if asked < len(answers):
        raise NotYet(
            f"The card network was asked {asked} times for {len(answers)} orders: that "
            f"nothing is told should not be for want of asking."
        )
    for where, text in network.told:
        for answer in answers:
            for field in ("customer", "plan"):
                value = re.escape(answer.sent[field])
                if re.search(rf"(?<!\w){value}(?!\w)", unquote(text)):
                    raise NotYet(
                        f"The card network, another company, was told `{where}: "
                        f"{text}`, which is the {field}. Fields may travel to billing "
                        f"and through our queue, and nowhere else.",
                        answer.trace_id,
                    )
