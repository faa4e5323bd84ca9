"""Three threads below their request, side by side, and a fourth that outlasts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.workshop.checking.effects import (
    expect_at_once,
    expect_calls,
    expect_in_answer,
)
from tracing_starter_kit.workshop.checking.partner import Partner
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.span_matchers import (
    call_to,
    in_function,
    request_to,
)
from tracing_starter_kit.workshop.checking.timing import expect_no_wait, expect_overlap

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "client_tracing",
    "traced",
    "context",
)
CARRIERS = ("harbour", "north", "swift")
SECONDS = 0.15  # a carrier's time to answer, long enough to tell parallel from serial


def check(run: Run) -> None:
    """Ask for two quotes, one after the other; each asks three carriers."""
    prices = run.sample(range(300, 2000), len(CARRIERS))
    cents = dict(zip(CARRIERS, prices, strict=True))

    def offer(body: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        return 200, {"cents": cents.get(body.get("path", "").split("/")[-1], 0)}

    with (
        Partner(offer, SECONDS) as carriers,
        run.web("shop", CARRIERS_URL=carriers.url) as shop,
    ):
        answers = [
            shop.post("/quotes", {"parcel": run.unique_name("p")}) for _ in range(2)
        ]
    for answer in answers:
        carrier = min(cents, key=lambda name: cents[name])
        expect_in_answer(answer, carrier=carrier, cents=cents[carrier])
    for answer in answers:  # alone, to see spans of the other request in its trace
        quote = run.traces(answer)
        quote.span(in_function("ask_carrier")).number(lambda _: len(CARRIERS))
    quotes = run.traces(*answers)
    request = quotes.span(request_to("POST /quotes"))
    asking = quotes.span(in_function("ask_carrier"), below=request)
    asking.has_each("shop.carrier", lambda _: CARRIERS)
    asking.encloses(quotes.span(call_to("/offers/")))
    expect_overlap(asking)
    filing = quotes.span(in_function("file_offer"), below=request)
    filing.has("shop.parcel.id", lambda answer: answer.inputs["parcel"])
    filing.encloses(quotes.span(call_to("/archive")))
    expect_no_wait(request, filing)
    quotes.are_complete()
    expect_at_once(carriers, "carriers")
    expect_calls(carriers, "/offers/", len(CARRIERS) * len(answers), "carriers")
    expect_calls(carriers, "/archive", len(answers), "archive")
