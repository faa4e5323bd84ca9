"""Right and wrong answers to exercise 9."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

SEND = "BusinessFields(allowed=FIELDS, send_to=[BILLING_URL])"
ACCEPT = ", processors=[BusinessFields(allowed=FIELDS)]"
SEATS = '    seats = {"seats": order["seats"]}\n'
RETURN_PRICE = '    return {"total": price_order(request.get_json()["seats"])}, 201\n'
CHARGE = (
    '    requests.post(CARD_NETWORK_URL, json={"card": order["card"]}, timeout=5)\n'
)
CARD = 'json={"card": order["card"]}'

VARIANTS = [
    wrong(
        9,
        "the card may travel",
        "has private data of the customer: `shop.card` contains",
        fields=put(('"shop.plan"]', '"shop.plan", "shop.card"]')),
        shop=put(
            (
                '            "shop.plan"',
                '            "shop.card": order["card"],\n            "shop.plan"',
            )
        ),
    ),
    wrong(
        9,
        "the card is charged twice",
        "The card network got 4 calls; expected 2",
        shop=put((CHARGE, CHARGE * 2)),
    ),
    right(
        9,
        "host and port, and an additional field",
        shop=put((SEND, 'BusinessFields(FIELDS, [BILLING_URL.partition("//")[2]])')),
        fields=put(('"shop.plan"]', '"shop.plan", "shop.order.id"]')),
    ),
    right(
        9,
        "by hand: in the request's body, set again in billing",
        shop=put(
            (SEND, "BusinessFields(allowed=FIELDS)"),
            (
                SEATS,
                '    seats = {"seats": order["seats"], "plan": order["plan"],\n'
                '             "customer": request.headers["X-Customer"]}\n',
            ),
        ),
        billing=put(
            ("import BusinessFields", "import BusinessFields, set_fields"),
            (
                RETURN_PRICE,
                "    form = request.get_json()\n"
                '    set_fields({"shop.customer.id": form["customer"],\n'
                '                "shop.plan": form["plan"]})\n' + RETURN_PRICE,
            ),
        ),
    ),
    wrong(
        9,
        "sent to every host",
        "The card network, another company, received",
        shop=put(("[BILLING_URL]", '["*"]')),
    ),
    wrong(
        9,
        "sent to the whole machine, where the card network also runs",
        "Send fields only to billing and through our queue",
        shop=put(("[BILLING_URL]", '["127.0.0.1"]')),
    ),
    wrong(
        9,
        "the card network gets the plan in a header",
        "received `X-Plan: ",
        shop=put((CARD, CARD + ', headers={"X-Plan": order["plan"]}')),
    ),
    wrong(
        9,
        "the card network gets the customer in the body",
        "which contains the customer",
        shop=put((CARD, CARD.replace("}", ', "by": request.headers["X-Customer"]}'))),
    ),
    wrong(
        9,
        "the card network gets the plan in the address",
        "received `path: /?plan=",
        shop=put((CARD, CARD + ', params={"plan": order["plan"]}')),
    ),
    wrong(
        9,
        "sent to no host",
        "but missing on `POST /invoices`",
        shop=put((", send_to=[BILLING_URL]", "")),
    ),
    wrong(
        9,
        "billing accepts no field",
        "but missing on `POST /invoices`",
        billing=put((ACCEPT, "")),
    ),
    wrong(
        9,
        "the worker accepts no field",
        "but missing on `write_receipt`",
        worker=put((ACCEPT, "")),
    ),
    wrong(
        9,
        "the size travels as well",
        "`POST /invoices` must not have `shop.payload.size`: it is the size of the request to the shop",
        fields=put(('"shop.plan"]', '"shop.plan", "shop.payload.size"]')),
    ),
    wrong(
        9,
        "the size is missing in the shop, too",
        "`POST /orders` has no `shop.payload.size`",
        shop=put(
            ('            "shop.payload.size": request.content_length,\n', ""),
        ),
    ),
    right(
        9,
        "a decorated inner function, a span around the calls, fields one by one",
        billing=put(
            (
                "    return sum(",
                "    @traced\n    def add_up():\n        return sum(",
            ),
            (
                "for place in range(seats))",
                "for place in range(seats))\n\n    return add_up()",
            ),
        ),
        shop=put(
            ("import FIELDS\n", "import FIELDS\nfrom opentelemetry import trace\n"),
            (
                "    requests.post(CARD_NETWORK_URL",
                '    with trace.get_tracer("shop").start_as_current_span("charge"):\n'
                "        requests.post(CARD_NETWORK_URL",
            ),
            ('            "shop.plan": order["plan"],\n', ""),
            (
                "    set_fields(\n",
                '    set_fields({"shop.plan": order["plan"]})\n    set_fields(\n',
            ),
        ),
    ),
    wrong(
        9,
        "the card network is no longer called",
        "The card network got 0 calls; expected 2",
        shop=put((CHARGE, "")),
    ),
    wrong(
        9,
        "only the customer travels",
        "`shop.plan` is on",
        fields=put((', "shop.plan"', "")),
    ),
    wrong(
        9,
        "billing sets constants",
        "Take the value from the request",
        shop=put((", send_to=[BILLING_URL]", "")),
        billing=put(
            ("import BusinessFields", "import BusinessFields, set_fields"),
            (
                RETURN_PRICE,
                '    set_fields({"shop.customer.id": "c-17", "shop.plan": "team"})\n'
                + RETURN_PRICE,
            ),
        ),
    ),
    wrong(
        9,
        "only on billing's request",
        "but missing on `price_order`",
        shop=put(
            (", send_to=[BILLING_URL]", ""),
            (
                SEATS,
                '    seats = {"seats": order["seats"], "plan": order["plan"],\n'
                '             "customer": request.headers["X-Customer"]}\n',
            ),
        ),
        billing=put(
            ("from fields", "from opentelemetry import trace\nfrom fields"),
            (
                RETURN_PRICE,
                "    form = request.get_json()\n"
                "    trace.get_current_span().set_attributes(\n"
                '        {"shop.customer.id": form["customer"], "shop.plan": form["plan"]})\n'
                + RETURN_PRICE,
            ),
        ),
    ),
]
