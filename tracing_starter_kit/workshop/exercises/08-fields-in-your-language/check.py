"""Four business fields on the request's span, and two of them on the pricing's."""

from __future__ import annotations

from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.effects import (
    expect_in_answer,
    seats_price,
)
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.span_matchers import in_function, request_to
from tracing_starter_kit.workshop.checking.web_service import WebService

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
    "business",
)
PRICES = {"starter": 900, "team": 2700, "business": 5900}
PLANS = tuple(PRICES)


def check(run: Run) -> None:
    """Send two orders of two customers, to a build that only the check knows."""
    build = run.unique_name("build")
    with run.web("shop", BUILD=build) as shop:
        answers = [send_order(run, shop, plan) for plan in run.sample(PLANS, 2)]
    for answer in answers:
        seat, count = PRICES[answer.inputs["plan"]], answer.inputs["quantity"]
        expect_in_answer(answer, total=seats_price(seat, count))
    orders = run.traces(*answers)
    request = orders.span(request_to("POST /orders"))
    price = orders.span(in_function("price_order"))
    request.has("shop.customer.id", lambda answer: answer.inputs["customer"])
    request.has("shop.plan", lambda answer: answer.inputs["plan"])
    request.has("shop.build", lambda _: build)
    request.has("shop.payload.size", lambda answer: answer.inputs["size"])
    price.has("shop.customer.id", lambda answer: answer.inputs["customer"])
    price.has("shop.plan", lambda answer: answer.inputs["plan"])
    orders.contain_none_of(lambda a: (a.inputs["card"], a.inputs["email"]))


def send_order(run: Run, shop: WebService, plan: str) -> Answer:
    """Send one order, with a card and an address that must not be in a trace."""
    form = {
        "plan": plan,
        "quantity": run.random.randint(2, 40),
        "card": f"4000-{run.random.randint(1000, 9999)}-{run.random.randint(10, 99)}",
        "city": "Zürich",  # a letter of it has more than one byte
        "email": f"{run.unique_name('ada')}@example.com",
    }
    customer = run.unique_name("c")
    headers = {"X-Customer": customer}
    return shop.post("/orders", form, headers=headers, inputs={"customer": customer})
