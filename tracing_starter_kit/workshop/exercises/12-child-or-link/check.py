"""A task is a child of the order that queued it; a digest links to its orders."""

from collections.abc import Sequence

from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checking.answer import Answer
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.traces import Traces
from tracing_starter_kit.workshop.checking.web import Web
from tracing_starter_kit.workshop.checking.what import What, in_function, request_to
from tracing_starter_kit.workshop.checking.words import NotYet, listed

HELPERS = (
    "tracing_setup",
    "span_delivery",
    "flask_tracing",
    "celery_tracing",
    "traced",
)
TASK = "receipts.deliver_receipt"
RECEIPT = in_function("receipts.py", "write_receipt")
DIGEST = in_function("shop.py", "write_digest")


def check(run: Run) -> None:
    """Send some orders, then a digest of them, then an order and a digest of that."""
    broker = {"BROKER_URL": run.broker.url}
    with run.worker("worker", **broker), run.web("shop", **broker) as shop:
        orders = [order(run, shop) for _ in range(run.random.randint(2, 4))]
        first = shop.post("/digests", {})
        last_order = order(run, shop)
        second = shop.post("/digests", {})
    receipts_are_children(run, [*orders, last_order])
    for digest, told_of in ((first, orders), (second, [last_order])):
        digest_links_to(run.traces(digest), run.traces(*told_of))


def order(run: Run, shop: Web) -> Answer:
    """Send one order."""
    return shop.post(
        "/orders", {"order": run.word("o"), "total": run.random.randint(100, 90000)}
    )


def receipts_are_children(run: Run, answers: Sequence[Answer]) -> None:
    """Demand that each receipt is part of its order's trace, once."""
    orders = run.traces(*answers)
    here = {answer.trace_id for answer in answers}
    for span in orders.elsewhere:
        if any(link.trace_id in here for link in span.links) and _is_receipt(span):
            raise NotYet(
                f"`{span.name}` is linked to the order and in a trace of its own. One "
                f"order has one receipt: as its child, the order's trace shows it all.",
                span.trace_id,
            )
    receipt = orders.span(RECEIPT, below=orders.span(request_to("POST /orders")))
    receipt.number(lambda _: 1)
    orders.span(_task("PRODUCER"))
    orders.span(_task("CONSUMER")).encloses(receipt)
    orders.are_whole()


def digest_links_to(digest: Traces, orders: Traces) -> None:
    """Demand that a digest's span links to each of its orders, and to no other."""
    told_of = {answer.trace_id for answer in orders.answers}
    for answer in orders.answers:
        if any(map(DIGEST.matches, orders.of(answer))):
            raise NotYet(
                "`write_digest` is a part of one order's trace, though it tells of "
                "several: a span has one parent, and as many links as you like.",
                answer.trace_id,
            )
    span = digest.span(DIGEST, below=digest.span(request_to("POST /digests")))
    (found,) = span.found
    linked = {link.trace_id for one in found for link in one.links}
    own = digest.answers[0].trace_id
    if not linked:
        problem = f"has no link; it tells of {_orders(orders.answers)}"
    elif own in linked:
        problem = "is linked to its own trace, where it stands anyway"
    elif missing := [one for one in orders.answers if one.trace_id not in linked]:
        problem = f"has no link to the trace of {_orders(missing)}"
    elif linked - told_of:
        problem = "is linked to an order that an earlier digest told of"
    elif lost := [one for one in orders.answers if not _is_reached(one, orders, found)]:
        problem = f"is linked to the trace of {_orders(lost)}, and to no span in it"
    else:
        return
    raise NotYet(f"`{found[0].name}` {problem}.", own)


def _is_reached(answer: Answer, orders: Traces, digests: Sequence[Span]) -> bool:
    """Tell whether a link leads to a span of an order's trace."""
    linked = {link.span_id for one in digests for link in one.links}
    return any(span.span_id in linked for span in orders.of(answer))


def _task(kind: str) -> What:
    label = {"PRODUCER": "sending", "CONSUMER": "running"}[kind]
    return What(
        f"the span of {label} `{TASK}`",
        lambda span: span.kind == kind and TASK in span.name,
    )


def _is_receipt(span: Span) -> bool:
    return TASK in span.name or RECEIPT.matches(span)


def _orders(answers: Sequence[Answer]) -> str:
    names = listed(answer.sent["order"] for answer in answers)
    return f"order {names}" if len(answers) == 1 else f"orders {names}"
