"""Spans of the calls that go through a library, and the function without a span."""

from __future__ import annotations

from tracing_starter_kit.workshop.checking.answers_file import read_answers
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.span_matchers import (
    call_to,
    query,
    request_to,
)
from tracing_starter_kit.workshop.checking.traces import Traces

HELPERS = ("tracing_setup", "span_delivery", "flask_tracing", "client_tracing")
PLANS = ("starter", "team", "business")
COUNTRIES = ("CH", "DE", "FR", "JP", "US")


def check(run: Run) -> None:
    """Send two orders; expect spans of their requests, queries and calls."""
    with (
        Partner(lambda _: (200, {"cost": run.random.randint(100, 900)})) as carrier,
        run.web("shop", CARRIER_URL=carrier.url) as shop,
    ):
        answers = [
            shop.post("/orders", {"plan": plan, "quantity": 12, "country": country})
            for plan, country in zip(
                run.sample(PLANS, 2), run.sample(COUNTRIES, 2), strict=True
            )
        ]
    orders = run.traces(*answers)
    request = orders.span(request_to("POST /orders"))
    orders.span(query("prices"), below=request)
    orders.span(call_to("/costs/"), below=request)
    orders.span(query("INTO orders"), below=request)
    expect_unseen_function(run, orders)


def expect_unseen_function(run: Run, orders: Traces) -> None:
    """Expect the name of the function that takes most of the time without a span."""
    answers = read_answers(run.folder, "unseen")
    name = answers["unseen"].strip(" ()`").rpartition(".")[2]  # of "shop.keep()"
    trace_id = orders.answers[0].trace_id
    if not name:
        raise CheckFailed(
            "Your traces are complete. One question remains: write into answers.toml "
            "the function that takes the most time and has no span.",
            trace_id,
        )
    if name != "apply_discounts":
        raise CheckFailed(
            f"It is not `{name}`. Look for the widest gap between two spans below "
            f"`POST /orders`: which function runs between those two calls?",
            trace_id,
        )
