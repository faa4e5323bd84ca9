"""Right and wrong answers to exercise 8."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

FIELDS = """    set_fields(
        {
            "shop.customer.id": customer,
            "shop.plan": order["plan"],
            "shop.build": BUILD,
            "shop.payload.size": request.content_length,
        }
    )
"""
PRICE = "    total = price_order(order)\n"
SEAT = "    total = 0\n"
CURRENT = "from opentelemetry import trace\nBUILD ="

VARIANTS = [
    *(
        wrong(
            8,
            f"a secret {title}",
            "has private data of the customer",
            shop=put(
                (
                    PRICE,
                    "    import base64, urllib.parse\n"
                    "    from opentelemetry import context, trace\n"
                    '    here, tracer = trace.get_current_span(), trace.get_tracer("x")\n'
                    '    card, email = order["card"], order["email"]\n'
                    f"    {code}\n" + PRICE,
                )
            ),
        )
        for title, code in (
            ("percent-encoded", 'here.set_attribute("q", urllib.parse.quote(email))'),
            (
                "in a link",
                'here.add_link(here.get_span_context(), {"shop.receipt.to": email})',
            ),
            (
                "in another trace",
                'tracer.start_span("x", context.Context(), attributes={"c": card}).end()',
            ),
            (
                "without its dashes",
                'here.set_attribute("shop.card", int(card.replace("-", "")))',
            ),
            (
                "in base 64",
                'here.set_attribute("e", base64.b64encode(email.encode()).decode())',
            ),
            ("in upper case", 'here.set_attribute("e", email.upper())'),
        )
    ),
    right(
        8,
        "a coroutine",
        shop=put(
            ("@traced\ndef price_order", "@traced\nasync def price_order"),
            (PRICE, "    total = asyncio.run(price_order(order))\n"),
            ("import os\n", "import asyncio\nimport os\n"),
        ),
    ),
    right(
        8,
        "the plain API, on both spans",
        shop=put(
            ("BUILD =", CURRENT),
            (
                FIELDS,
                "    here = trace.get_current_span()\n"
                '    here.set_attribute("shop.customer.id", customer)\n'
                '    here.set_attribute("shop.plan", order["plan"])\n'
                '    here.set_attribute("shop.build", BUILD)\n'
                '    here.set_attribute("shop.payload.size", len(request.get_data()))\n'
                '    order["customer"] = customer\n',
            ),
            (
                SEAT,
                '    trace.get_current_span().set_attributes({"shop.plan": order["plan"],'
                ' "shop.customer.id": order["customer"]})\n' + SEAT,
            ),
        ),
    ),
    right(
        8,
        "set before each request, with an additional field",
        shop=put(
            (
                '@app.post("/orders")',
                "@app.before_request\ndef say():\n"
                '    set_fields({"shop.customer.id": request.headers["X-Customer"],\n'
                '        "shop.build": BUILD, "shop.plan": request.get_json()["plan"],\n'
                '        "shop.payload.size": request.content_length,\n'
                '        "shop.order.quantity": request.get_json()["quantity"]})\n\n\n'
                '@app.post("/orders")',
            ),
            (FIELDS, ""),
        ),
    ),
    right(
        8,
        "a class-based view, and fields set when the span starts",
        shop=put(
            ("import traced", "import span"),
            ("@traced\ndef price_order", "def price_order"),
            (
                '@app.post("/orders")\ndef place_order():\n',
                "class Orders(MethodView):\n    def post(self):\n"
                "        return place_order()\n\n\n"
                'app.add_url_rule("/orders", view_func=Orders.as_view("orders"))\n\n\n'
                "def place_order():\n",
            ),
            (
                "from flask import",
                "from flask.views import MethodView\nfrom flask import",
            ),
            ("set_fields(\n        {", "about = (\n        {"),
            (
                PRICE,
                "    trace.get_current_span().set_attributes(about)\n"
                '    with span("price_order", about):\n        total = price_order(order)\n',
            ),
            ("BUILD =", CURRENT),
        ),
    ),
    right(
        8,
        "in two steps, the size as a float, an additional field",
        shop=put(
            (
                "    order = read_order(",
                '    set_fields({"shop.customer.id": customer, "shop.build": BUILD})\n'
                '    set_fields({"shop.customer.tier": "gold"})\n'
                "    order = read_order(",
            ),
            ('            "shop.customer.id": customer,\n', ""),
            ('            "shop.build": BUILD,\n', ""),
            ("request.content_length", "float(request.content_length)"),
        ),
    ),
    wrong(
        8,
        "the card is in a span's name",
        "its name contains '4000-",
        shop=put(
            ("import traced", "import span, traced"),
            (
                PRICE,
                "    with span(f\"charge {order['card']}\"):\n        pass\n" + PRICE,
            ),
        ),
    ),
    wrong(
        8,
        "the address is in a span event",
        "`to` contains 'ada-",
        shop=put(
            ("BUILD =", CURRENT),
            (
                PRICE,
                "    trace.get_current_span().add_event("
                '"receipt", {"to": order["email"]})\n' + PRICE,
            ),
        ),
    ),
    wrong(
        8,
        "the first order's customer on all orders",
        "Take the value from the request",
        shop=put(
            ("BUILD =", "seen = []\nBUILD ="),
            (FIELDS, "    seen.append(customer)\n" + FIELDS),
            ('"shop.customer.id": customer', '"shop.customer.id": seen[0]'),
        ),
    ),
    wrong(
        8,
        "the fields of the previous request",
        "is 'nobody'; expected 'c-",
        shop=put(
            ("BUILD =", 'last = ["nobody"]\nBUILD ='),
            (FIELDS, "    last.append(customer)\n" + FIELDS),
            ('"shop.customer.id": customer', '"shop.customer.id": last[-2]'),
        ),
    ),
    wrong(
        8,
        "the number of characters of the form in Python's notation",
        "`shop.payload.size` on `POST /orders` is",
        shop=put(("request.content_length", "len(str(request.get_json()))")),
    ),
    wrong(
        8,
        "another environment variable",
        "`shop.build` on `POST /orders` is 'unknown'",
        shop=put(('environ.get("BUILD"', 'environ.get("APP_BUILD"')),
    ),
    wrong(
        8,
        "on a span between the two",
        "but missing on `POST /orders`",
        shop=put(
            ("import traced", "import span, traced"),
            ("    set_fields(\n        {", '    with span("about", (\n        {'),
            ("        }\n    )\n" + PRICE, "        }\n    )):\n    " + PRICE),
        ),
    ),
    wrong(
        8,
        "the customer is a constant",
        "Take the value from the request",
        shop=put(('"shop.customer.id": customer', '"shop.customer.id": "c-1234"')),
    ),
    wrong(
        8,
        "the plan is only on the pricing",
        "`shop.plan` is on `price_order`, but missing on `POST /orders`",
        shop=put(
            ("BUILD =", CURRENT),
            ('            "shop.plan": order["plan"],\n', ""),
            (
                SEAT,
                "    trace.get_current_span().set_attribute("
                '"shop.plan", order["plan"])\n' + SEAT,
            ),
        ),
    ),
    wrong(
        8,
        "the fields come after the work",
        "`shop.customer.id` is on `INSERT` and `POST /orders`, but missing on `price_order`",
        shop=put((FIELDS + PRICE, PRICE + FIELDS)),
    ),
    wrong(
        8,
        "the size is text",
        "so that it can be compared and added up",
        shop=put(("request.content_length", "str(request.content_length)")),
    ),
    wrong(
        8,
        "another name",
        "has `shop.customer`; expected the name `shop.customer.id`",
        shop=put(('"shop.customer.id": customer', '"shop.customer": customer')),
    ),
    wrong(
        8,
        "the whole form is on the span",
        "has private data of the customer: `shop.card` contains",
        shop=put(
            (
                PRICE,
                '    set_fields({f"shop.{k}": v for k, v in order.items()})\n' + PRICE,
            )
        ),
    ),
    wrong(
        8,
        "the build is a constant",
        "`shop.build` on `POST /orders` is 'dev'; expected 'build-",
        shop=put(('"shop.build": BUILD', '"shop.build": "dev"')),
    ),
    wrong(
        8,
        "the size is the number of fields",
        "`shop.payload.size` on `POST /orders` is 4",
        shop=put(("request.content_length", "len(order)")),
    ),
]
