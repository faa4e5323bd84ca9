"""Spans of what goes through a library, and the name of what does not."""

from tracing_starter_kit.workshop.checking.answers import read_answers
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.traces import Traces
from tracing_starter_kit.workshop.checking.what import call_to, query, request_to
from tracing_starter_kit.workshop.checking.words import NotYet

HELPERS = ("tracing_setup", "span_delivery", "flask_tracing", "client_tracing")
PLANS = ("starter", "team", "business")
COUNTRIES = ("CH", "DE", "FR", "JP", "US")


def check(run: Run) -> None:
    """Send two orders; their requests, queries and calls are spans."""
    with (
        Partner(lambda _: (200, {"cost": run.random.randint(100, 900)})) as carrier,
        run.web("shop", CARRIER_URL=carrier.url) as shop,
    ):
        answers = [
            shop.post("/orders", {"plan": plan, "quantity": 12, "country": country})
            for plan, country in zip(
                run.different(PLANS, 2), run.different(COUNTRIES, 2), strict=True
            )
        ]
    orders = run.traces(*answers)
    request = orders.span(request_to("POST /orders"))
    orders.span(query("prices"), below=request)
    orders.span(call_to("/costs/"), below=request)
    orders.span(query("INTO orders"), below=request)
    look_at_what_is_unseen(run, orders)


def look_at_what_is_unseen(run: Run, orders: Traces) -> None:
    """Ask for the function in which most of the time goes by without a span."""
    answers = read_answers(run.folder, "unseen")
    name = answers["unseen"].strip(" ()`").rpartition(".")[2]  # of "shop.keep()"
    trace_id = orders.answers[0].trace_id
    if not name:
        raise NotYet(
            "Your traces are whole. One thing is left: in answers.toml, name the "
            "function that takes the most time and has no span.",
            trace_id,
        )
    if name != "apply_discounts":
        raise NotYet(
            f"It is not `{name}`. Look for the widest gap between two spans below "
            f"`POST /orders`: what does the code do between those two calls?",
            trace_id,
        )
