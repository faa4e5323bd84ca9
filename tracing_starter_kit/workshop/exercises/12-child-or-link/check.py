"""A task is a child of the order that queued it; a digest links to its orders."""

from __future__ import annotations

from collections.abc import Sequence

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed, listed
from tracing_starter_kit.workshop.checking.span_matchers import (
    SpanMatcher,
    in_function,
    request_to,
)
from tracing_starter_kit.workshop.checking.traces import Traces
from tracing_starter_kit.workshop.checking.web_service import WebService

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "celery_tracing",
    "traced",
)
TASK = "receipts.deliver_receipt"
RECEIPT = in_function("write_receipt")
DIGEST = in_function("write_digest")


def check(run: Run) -> None:
    """Send some orders and a digest of them, then one more order and its digest."""
    broker = {"BROKER_URL": run.broker.url}
    with run.worker("worker", **broker), run.web("shop", **broker) as shop:
        orders = [send_order(run, shop) for _ in range(run.random.randint(2, 4))]
        first_digest = shop.post("/digests", {})
        last_order = send_order(run, shop)
        last_digest = shop.post("/digests", {})
    expect_receipts_as_children(run, [*orders, last_order])
    expect_links(run.traces(first_digest), run.traces(*orders))
    expect_links(run.traces(last_digest), run.traces(last_order))


def send_order(run: Run, shop: WebService) -> Answer:
    """Send one order."""
    return shop.post(
        "/orders",
        {"order": run.unique_name("o"), "total": run.random.randint(100, 90000)},
    )


def expect_receipts_as_children(run: Run, answers: Sequence[Answer]) -> None:
    """Expect each receipt once, as a part of its order's trace."""
    orders = run.traces(*answers)
    order_ids = {answer.trace_id for answer in answers}
    for span in orders.stray_spans:
        is_linked = any(link.trace_id in order_ids for link in span.links)
        if is_linked and (TASK in span.name or RECEIPT.matches(span)):
            raise CheckFailed(
                f"`{span.name}` is linked to the order, but is in a trace of its own; "
                f"expected a child: one order has one receipt, and its trace should "
                f"show both.",
                span.trace_id,
            )
    receipt = orders.span(RECEIPT, below=orders.span(request_to("POST /orders")))
    receipt.number(lambda _: 1)
    orders.span(task_span("PRODUCER"))
    orders.span(task_span("CONSUMER")).encloses(receipt)
    orders.are_complete()


def expect_links(digest: Traces, orders: Traces) -> None:
    """Expect a digest's span with a link to each of its orders, and to no other."""
    for answer in orders.answers:
        if any(map(DIGEST.matches, orders.spans_of(answer))):
            raise CheckFailed(
                "`write_digest` is a part of one order's trace, although the digest is "
                "about several orders: a span has one parent, but any number of links.",
                answer.trace_id,
            )
    request = digest.span(request_to("POST /digests"))
    (spans,) = digest.span(DIGEST, below=request).groups
    trace_id = digest.answers[0].trace_id
    if problem := link_problem(spans, trace_id, orders):
        raise CheckFailed(f"`{spans[0].name}` {problem}.", trace_id)


def link_problem(
    digests: Sequence[Span], own_trace_id: str, orders: Traces
) -> str | None:
    """Return the mistake in a digest's links, if there is any."""
    linked = {link.trace_id for span in digests for link in span.links}
    missing = [order for order in orders.answers if order.trace_id not in linked]
    if not linked:
        return f"has no link; expected links to {order_names(orders.answers)}"
    if own_trace_id in linked:
        return "is linked to its own trace; expected links to the orders' traces only"
    if missing:
        return f"has no link to the trace of {order_names(missing)}"
    return wrong_link(digests, orders)


def wrong_link(digests: Sequence[Span], orders: Traces) -> str | None:
    """Return the mistake if a link leads to another order, or to no span."""
    links = [link for span in digests for link in span.links]
    if {link.trace_id for link in links} - {a.trace_id for a in orders.answers}:
        return "is linked to an order of an earlier digest"
    linked_spans = {link.span_id for link in links}
    unreached = [
        answer
        for answer in orders.answers
        if not linked_spans & {span.span_id for span in orders.spans_of(answer)}
    ]
    if unreached:
        names = order_names(unreached)
        return f"is linked to the trace of {names}, but not to a span in it"
    return None


def task_span(kind: str) -> SpanMatcher:
    """Match the span of sending the task (PRODUCER) or of running it (CONSUMER)."""
    label = {"PRODUCER": "sending", "CONSUMER": "running"}[kind]
    return SpanMatcher(
        f"the span of {label} `{TASK}`",
        lambda span: span.kind == kind and TASK in span.name,
    )


def order_names(answers: Sequence[Answer]) -> str:
    """Return the names of orders, as in "orders o-1 and o-2"."""
    names = listed(answer.inputs["order"] for answer in answers)
    return f"order {names}" if len(answers) == 1 else f"orders {names}"
