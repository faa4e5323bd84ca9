"""Three threads below their request, side by side, and one that outlasts it."""

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.timing import does_not_wait_for, side_by_side
from tracing_starter_kit.workshop.checking.what import call_to, in_function, request_to

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
    "context",
)
CARRIERS = ("harbour", "north", "swift")
SECONDS = 0.15  # that a carrier takes; three of them in turn are not mistaken for one


def check(run: Run) -> None:
    """Ask for two quotes, one after the other, each of three carriers."""
    cents = {name: run.random.randint(300, 2000) for name in CARRIERS}

    def offer(question: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        return 200, {"cents": cents.get(question.get("path", "").split("/")[-1], 0)}

    with (
        Partner(offer, SECONDS) as carriers,
        run.web("shop", CARRIERS_URL=carriers.url) as shop,
    ):
        answers = [shop.post("/quotes", {"parcel": run.word("p")}) for _ in range(2)]
    for answer in answers:  # each by itself: whose spans are in the other's trace?
        own = run.traces(answer)
        own.span(in_function("shop.py", "ask_carrier")).number(lambda _: len(CARRIERS))
    quotes = run.traces(*answers)
    request = quotes.span(request_to("POST /quotes"))
    asking = quotes.span(in_function("shop.py", "ask_carrier"), below=request)
    asking.has_each("shop.carrier", lambda _: CARRIERS)
    asking.encloses(quotes.span(call_to("/offers/")))
    side_by_side(asking)
    filing = quotes.span(in_function("shop.py", "file_offer"), below=request)
    filing.has("shop.parcel.id", lambda answer: answer.sent["parcel"])
    filing.encloses(quotes.span(call_to("/archive")))
    does_not_wait_for(request, filing)
    quotes.are_whole()
