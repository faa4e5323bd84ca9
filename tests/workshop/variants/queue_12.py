from __future__ import annotations

from tests.workshop.variant import put, right, wrong

TRACED = "trace_celery(app)\n"
KEPT = "    waiting.append((order, trace.get_current_span().get_span_context()))\n"
LINKS = """    for _, context in orders:
        trace.get_current_span().add_link(context)
"""
DIGEST = """@traced
def write_digest(orders):
"""
SENT = "    deliver_receipt.delay(order)\n"

VARIANTS = [
    right(
        12,
        "links given when the span is made, in a span of the plain API",
        shop=put(
            (LINKS, ""),
            (
                '    return {"text": write_digest(orders)}, 201\n',
                "    links = [trace.Link(context) for _, context in orders]\n"
                "    tracer = trace.get_tracer(__name__)\n"
                '    with tracer.start_as_current_span("write digest", links=links):\n'
                '        return {"text": write_digest(orders)}, 201\n',
            ),
            (DIGEST, "def write_digest(orders):\n"),
        ),
    ),
    right(
        12,
        "the order's context kept as headers, as in a queue of one's own",
        shop=put(
            (
                "from opentelemetry import trace\n",
                "from opentelemetry import propagate, trace\n",
            ),
            (
                KEPT,
                "    headers = {}\n"
                "    propagate.inject(headers)\n"
                "    waiting.append((order, headers))\n",
            ),
            (
                LINKS,
                "    for _, headers in orders:\n"
                "        caller = trace.get_current_span(propagate.extract(headers))\n"
                "        trace.get_current_span().add_link(caller.get_span_context())\n",
            ),
        ),
    ),
    right(
        12,
        "a field on each link, and the receipt sent by name",
        shop=put(
            (
                "from receipts import deliver_receipt",
                "from receipts import app as receipts",
            ),
            (
                SENT,
                '    receipts.send_task("receipts.deliver_receipt", args=[order])\n',
            ),
            ("for _, context", "for order, context"),
            (
                "add_link(context)",
                'add_link(context, {"app.order.id": order["order"]})',
            ),
        ),
    ),
    wrong(
        12,
        "each task in a trace of its own, linked",
        "is linked to the order and in a trace of its own",
        receipts=put((TRACED, 'trace_celery(app, mode="link")\n')),
    ),
    wrong(
        12,
        "traced where it is sent only",
        "A span for `write_receipt` is there, but in a trace of its own",
        receipts=put((TRACED, ""), ("from celery_tracing import trace_celery\n", "")),
        shop=put(
            (
                "from receipts import deliver_receipt\n",
                "from celery_tracing import trace_celery\n"
                "from receipts import app as queue\n"
                "from receipts import deliver_receipt\n",
            ),
            ("waiting = []", "trace_celery(queue)\nwaiting = []"),
        ),
    ),
    wrong(
        12,
        "the receipt written at once, without the queue",
        "the span of sending `receipts.deliver_receipt` is missing",
        shop=put((SENT, "    deliver_receipt(order)\n")),
    ),
    wrong(
        12,
        "the digest without links",
        "has no link; it tells of orders",
        shop=put((LINKS, "")),
    ),
    wrong(
        12,
        "the trace ids as an attribute",
        "has no link; it tells of orders",
        shop=put(
            (
                LINKS,
                "    trace.get_current_span().set_attribute(\n"
                '        "app.orders", [f"{c.trace_id:032x}" for _, c in orders])\n',
            )
        ),
    ),
    wrong(
        12,
        "a link to the last order only",
        "has no link to the trace of order",
        shop=put((LINKS, "    trace.get_current_span().add_link(orders[-1][1])\n")),
    ),
    wrong(
        12,
        "the digest as a child of an order",
        "is a part of one order's trace",
        shop=put(
            (LINKS, ""),
            (
                '    return {"text": write_digest(orders)}, 201\n',
                "    order = trace.NonRecordingSpan(orders[0][1])\n"
                "    with trace.use_span(order):\n"
                '        return {"text": write_digest(orders)}, 201\n',
            ),
        ),
    ),
    wrong(
        12,
        "linked to the digest's own request",
        "is linked to its own trace",
        shop=put(
            (
                "add_link(context)",
                "add_link(trace.get_current_span().get_span_context())",
            )
        ),
    ),
    wrong(
        12,
        "linked to every order there ever was",
        "is linked to an order that an earlier digest told of",
        shop=put(
            ("waiting = []", "ever = []\nwaiting = []"),
            (KEPT, KEPT + "    ever.append(waiting[-1][1])\n"),
            ("    for _, context in orders:\n", "    for context in ever:\n"),
        ),
    ),
]
