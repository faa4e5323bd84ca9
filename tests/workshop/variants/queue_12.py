"""Right and wrong answers to exercise 12."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

TRACE = "trace_celery(app)\n"
REMEMBER = "    waiting.append((order, trace.get_current_span().get_span_context()))\n"
LINKS = """    for _, context in orders:
        trace.get_current_span().add_link(context)
"""
DIGEST = """@traced
def write_digest(orders):
"""
SEND = "    deliver_receipt.delay(order)\n"

VARIANTS = [
    right(
        12,
        "a span of the plain API under another name, in a module of its own",
        shop=put(
            (
                "import deliver_receipt\n",
                "import deliver_receipt\nfrom digests import write_digest\n",
            ),
            ("@traced\ndef write_digest", "def unused"),
        ),
        digests=lambda _: (
            """from opentelemetry import trace

tracer = trace.get_tracer("digests")


def write_digest(orders):
    with tracer.start_as_current_span("summary") as summary:
        for _, context in orders:
            summary.add_link(context)
    return f"{len(orders)} orders"
"""
        ),
    ),
    right(
        12,
        "links set at the start of a span of the plain API",
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
        "the order's context stored as headers",
        shop=put(
            (
                "from opentelemetry import trace\n",
                "from opentelemetry import propagate, trace\n",
            ),
            (
                REMEMBER,
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
        "a field on each link, and the task sent by name",
        shop=put(
            (
                "from receipts import deliver_receipt",
                "from receipts import app as receipts",
            ),
            (
                SEND,
                '    receipts.send_task("receipts.deliver_receipt", args=[order])\n',
            ),
            ("for _, context", "for order, context"),
            (
                "add_link(context)",
                'add_link(context, {"shop.order.id": order["order"]})',
            ),
        ),
    ),
    right(
        12,
        "a method, an ExitStack, additional spans, and apply_async",
        shop=put(
            (SEND, "    deliver_receipt.apply_async((order,), countdown=0)\n"),
            ("import traced", "import span, traced"),
            (
                DIGEST,
                "class Digest:\n    @traced\n    def write_digest(self, orders):\n"
                "        return write(orders)\n\n\ndef write(orders):\n",
            ),
            (
                'return {"text": write_digest(orders)}, 201',
                "with contextlib.ExitStack() as stack:\n"
                '        stack.enter_context(span("tell the owner"))\n'
                '        return {"text": Digest().write_digest(orders)}, 201',
            ),
            ("from flask import", "import contextlib\n\nfrom flask import"),
        ),
    ),
    right(
        12,
        "prepared links, and an app factory for the queue",
        receipts=put(
            (
                'app = Celery("receipts", broker=os.environ["BROKER_URL"])\n'
                "trace_celery(app)\n",
                "def create_app():\n"
                '    app = Celery("receipts", broker=os.environ["BROKER_URL"])\n'
                "    trace_celery(app)\n    return app\n\n\napp = create_app()\n",
            )
        ),
        shop=put(
            (
                REMEMBER,
                "    here = trace.get_current_span().get_span_context()\n"
                "    waiting.append((order, trace.Link(here)))\n",
            ),
            ("for _, context", "for _, link"),
            ("add_link(context)", "add_link(link.context, link.attributes)"),
        ),
    ),
    wrong(
        12,
        "links to the traces, but to spans that do not exist",
        "but not to a span in it",
        shop=put(
            (
                "add_link(context)",
                "add_link(trace.SpanContext(context.trace_id, 17, is_remote=False))",
            )
        ),
    ),
    wrong(
        12,
        "the links are on the request of the digest",
        "`write_digest` has no link",
        shop=put(
            (LINKS, ""),
            (
                '    return {"text": write_digest(orders)}, 201\n',
                LINKS + '    return {"text": write_digest(orders)}, 201\n',
            ),
        ),
    ),
    wrong(
        12,
        "one receipt at once, and one through the queue",
        "The span for `write_receipt` is in this trace twice; expected once",
        shop=put(
            (SEND, SEND + "    write_receipt(order)\n"),
            ("import deliver_receipt", "import deliver_receipt, write_receipt"),
        ),
    ),
    wrong(
        12,
        "the trace travels in the order, without spans of the queue",
        "the span of sending `receipts.deliver_receipt` is missing",
        receipts=put(
            (TRACE, ""),
            (
                "from celery_tracing import trace_celery\n",
                "from opentelemetry import context, propagate\n",
            ),
            (
                "    write_receipt(order)\n",
                "    token = context.attach(propagate.extract(order['headers']))\n"
                "    write_receipt(order)\n"
                "    context.detach(token)\n",
            ),
        ),
        shop=put(
            (
                SEND,
                "    propagate.inject(order.setdefault('headers', {}))\n" + SEND,
            ),
            (
                "from opentelemetry import trace\n",
                "from opentelemetry import propagate, trace\n",
            ),
        ),
    ),
    wrong(
        12,
        "an invented link",
        "has no link to the trace of",
        shop=put(
            (
                "add_link(context)",
                "add_link(trace.SpanContext(1, 1, is_remote=True))",
            )
        ),
    ),
    wrong(
        12,
        "the worker starts a span of its own, without a link",
        "The span for `write_receipt` is in a trace of its own",
        receipts=put(
            (TRACE, ""),
            (
                "from celery_tracing import trace_celery\n",
                "from opentelemetry import trace\n",
            ),
            (
                "    write_receipt(order)\n",
                '    with trace.get_tracer("t").start_as_current_span(\n'
                '            "process receipts.deliver_receipt",\n'
                "            kind=trace.SpanKind.CONSUMER):\n"
                "        write_receipt(order)\n",
            ),
        ),
    ),
    wrong(
        12,
        "the receipt is written outside of the task's span",
        "The span for `write_receipt` is in a trace of its own",
        receipts=put(
            (
                "    write_receipt(order)\n",
                "    from concurrent.futures import ThreadPoolExecutor\n"
                "    with ThreadPoolExecutor() as pool:\n"
                "        pool.submit(write_receipt, order).result()\n",
            ),
        ),
    ),
    wrong(
        12,
        "each task in a trace of its own, linked",
        "is linked to the order, but is in a trace of its own",
        receipts=put((TRACE, 'trace_celery(app, mode="link")\n')),
    ),
    wrong(
        12,
        "traced only where it is sent",
        "The span for `write_receipt` is in a trace of its own",
        receipts=put((TRACE, ""), ("from celery_tracing import trace_celery\n", "")),
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
        shop=put((SEND, "    deliver_receipt(order)\n")),
    ),
    wrong(
        12,
        "the digest without links",
        "has no link; expected links to orders",
        shop=put((LINKS, "")),
    ),
    wrong(
        12,
        "the trace ids as an attribute",
        "has no link; expected links to orders",
        shop=put(
            (
                LINKS,
                "    trace.get_current_span().set_attribute(\n"
                '        "shop.orders", [f"{c.trace_id:032x}" for _, c in orders])\n',
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
        "linked to all orders, also of earlier digests",
        "is linked to an order of an earlier digest",
        shop=put(
            ("waiting = []", "ever = []\nwaiting = []"),
            (REMEMBER, REMEMBER + "    ever.append(waiting[-1][1])\n"),
            ("    for _, context in orders:\n", "    for context in ever:\n"),
        ),
    ),
]
