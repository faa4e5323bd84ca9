"""A span for `price_order`, which leads to its lines and encloses its query."""

from __future__ import annotations

from tracing_starter_kit.workshop.checking.effects import (
    expect_in_answer,
    seats_price,
)
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.span_matchers import (
    in_function,
    query,
    request_to,
)

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
)
PRICES = {"starter": 900, "team": 2700, "business": 5900}
PLANS = tuple(PRICES)


def check(run: Run) -> None:
    """Send two orders; expect the span below the request and around its query."""
    with run.web("shop") as shop:
        answers = [
            shop.post("/orders", {"plan": plan, "quantity": run.random.randint(2, 40)})
            for plan in run.sample(PLANS, 2)
        ]
    for answer in answers:
        seat, count = PRICES[answer.inputs["plan"]], answer.inputs["quantity"]
        expect_in_answer(answer, total=seats_price(seat, count))
    orders = run.traces(*answers)
    request = orders.span(request_to("POST /orders"))
    price = orders.span(in_function("price_order"))
    price.below(request)
    price.encloses(orders.span(query("prices")))
    price.does_not_enclose(orders.span(query("INTO orders")))
    price.leads_to("shop.py", "price_order")
    orders.are_complete()
