from __future__ import annotations

from tests.workshop.variant import put, right, wrong

FIELDS = """    set_fields(
        {
            "app.customer.id": customer,
            "app.plan": order["plan"],
            "app.build": BUILD,
            "app.payload.size": request.content_length,
        }
    )
"""
PRICE = "    total = price_order(order)\n"
SEAT = "    total = 0\n"
CURRENT = "from opentelemetry import trace\nBUILD ="

VARIANTS = [
    right(
        8,
        "the plain API, on both spans",
        shop=put(
            ("BUILD =", CURRENT),
            (
                FIELDS,
                "    here = trace.get_current_span()\n"
                '    here.set_attribute("app.customer.id", customer)\n'
                '    here.set_attribute("app.plan", order["plan"])\n'
                '    here.set_attribute("app.build", BUILD)\n'
                '    here.set_attribute("app.payload.size", len(request.get_data()))\n'
                '    order["customer"] = customer\n',
            ),
            (
                SEAT,
                '    trace.get_current_span().set_attributes({"app.plan": order["plan"],'
                ' "app.customer.id": order["customer"]})\n' + SEAT,
            ),
        ),
    ),
    right(
        8,
        "before each request, and a field more",
        shop=put(
            (
                '@app.post("/orders")',
                "@app.before_request\ndef say():\n"
                '    set_fields({"app.customer.id": request.headers["X-Customer"],\n'
                '        "app.build": BUILD, "app.plan": request.get_json()["plan"],\n'
                '        "app.payload.size": request.content_length,\n'
                '        "app.order.quantity": request.get_json()["quantity"]})\n\n\n'
                '@app.post("/orders")',
            ),
            (FIELDS, ""),
        ),
    ),
    wrong(
        8,
        "the customer is written into the code",
        "It is the same whatever is sent",
        shop=put(('"app.customer.id": customer', '"app.customer.id": "c-1234"')),
    ),
    wrong(
        8,
        "the plan is on the pricing only",
        "`app.plan` is on `price_order`, and should be on `POST /orders` too",
        shop=put(
            ("BUILD =", CURRENT),
            ('            "app.plan": order["plan"],\n', ""),
            (
                SEAT,
                "    trace.get_current_span().set_attribute("
                '"app.plan", order["plan"])\n' + SEAT,
            ),
        ),
    ),
    wrong(
        8,
        "the fields come after the work",
        "`app.customer.id` is on `INSERT` and `POST /orders`, and should be on `price_order`",
        shop=put((FIELDS + PRICE, PRICE + FIELDS)),
    ),
    wrong(
        8,
        "the size is text",
        "to be compared and added up",
        shop=put(("request.content_length", "str(request.content_length)")),
    ),
    wrong(
        8,
        "another name",
        "has `app.customer`; the field is called `app.customer.id`",
        shop=put(('"app.customer.id": customer', '"app.customer": customer')),
    ),
    wrong(
        8,
        "the whole form is on the span",
        "carries what must not leave the program: `app.card` holds",
        shop=put(
            (
                PRICE,
                '    set_fields({f"app.{k}": v for k, v in order.items()})\n' + PRICE,
            )
        ),
    ),
    wrong(
        8,
        "the build is made up",
        "`app.build` on `POST /orders` is 'dev'; it should be 'build-",
        shop=put(('"app.build": BUILD', '"app.build": "dev"')),
    ),
    wrong(
        8,
        "the size is the number of fields",
        "`app.payload.size` on `POST /orders` is 4",
        shop=put(("request.content_length", "len(order)")),
    ),
]
