"""Two fields in all our programs, a third that stays, and none at a stranger's."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.effects import (
    expect_calls,
    expect_in_answer,
    seats_price,
)
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.span_matchers import in_function, request_to
from tracing_starter_kit.workshop.checking.web_service import WebService

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "celery_tracing",
    "client_tracing",
    "traced",
    "business",
)
SEAT = 900  # cents
PLANS = ("starter", "team", "business")


def check(run: Run) -> None:
    """Send two orders of two customers; the check plays the card network."""
    broker = {"BROKER_URL": run.broker.url}
    with (
        Partner(lambda _: (200, {"approved": True})) as network,
        run.worker("worker", **broker),
        run.web("billing") as billing,
        run.web(
            "shop", BILLING_URL=billing.url, CARD_NETWORK_URL=network.url, **broker
        ) as shop,
    ):
        answers = [send_order(run, shop, plan) for plan in run.sample(PLANS, 2)]
    for answer in answers:
        expect_in_answer(answer, total=seats_price(SEAT, answer.inputs["seats"]))
    expect_calls(network, "/", len(answers), "card network")
    orders = run.traces(*answers)
    downstream = [
        orders.span(request_to("POST /invoices")),
        orders.span(in_function("price_order")),
        orders.span(in_function("write_receipt")),
    ]
    request = orders.span(request_to("POST /orders"))
    for spans in (request, *downstream):
        spans.has("shop.customer.id", lambda answer: answer.inputs["customer"])
        spans.has("shop.plan", lambda answer: answer.inputs["plan"])
    request.has("shop.payload.size", lambda answer: answer.inputs["size"])
    for spans in downstream:
        spans.lacks(
            "shop.payload.size",
            "it is the size of the request to the shop, not of this one",
        )
    expect_no_field_at(network, answers)
    orders.contain_none_of(lambda answer: [answer.inputs["card"]])


def send_order(run: Run, shop: WebService, plan: str) -> Answer:
    """Send one order."""
    seats = run.random.randint(2, 40)
    customer = run.unique_name("c")
    return shop.post(
        "/orders",
        {"plan": plan, "seats": seats, "card": run.unique_name("card")},
        headers={"X-Customer": customer},
        inputs={"customer": customer},
    )


def expect_no_field_at(network: Partner, answers: list[Answer]) -> None:
    """Expect no field in any call of the card network."""
    for place, text in network.received:
        for answer in answers:
            for field in ("customer", "plan"):
                value = re.escape(answer.inputs[field])
                if re.search(rf"(?<!\w){value}(?!\w)", unquote(text)):
                    raise CheckFailed(
                        f"The card network, another company, received `{place}: "
                        f"{text}`, which contains the {field}. Send fields only to "
                        f"billing and through our queue.",
                        answer.trace_id,
                    )
