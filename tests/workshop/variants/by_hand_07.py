"""Right and wrong answers to exercise 7."""

from __future__ import annotations

from tests.workshop.learner import exercise_number
from tests.workshop.variant import put, right, wrong

SOLUTION = exercise_number(7).folder / "solution"
DECORATED = "@traced\ndef price_order(order):"
PLAIN = "def price_order(order):"
USE = (
    "from traced import traced",
    "from traced import span\nfrom opentelemetry import context, trace",
)
BODY = "    with store.connect() as connection:\n        seat"
QUERY = """    with store.connect() as connection:
        seat = connection.execute(
            text("SELECT seat FROM prices WHERE plan = :plan"), order
        ).scalar_one()
"""
INDENTED = "".join(f"    {line}\n" for line in QUERY.splitlines())
CALL = "    total = price_order(order)\n"

MODULE = """from sqlalchemy import text
from store import open_store
from traced import traced

store = open_store()


"""


def moved(file: str) -> str:
    """Return a module of the learner's own with `price_order`."""
    return MODULE + file[file.index(DECORATED) : file.index("\n\ndef keep")]


VARIANTS = [
    wrong(
        7,
        "a decorator of one's own without `return`",
        "does a decorator of yours return",
        shop=put(
            (
                DECORATED,
                "def named(function):\n    def call(order):\n"
                "        with span('price_order'):\n            function(order)\n"
                "    return call\n\n\n@named\ndef price_order(order):",
            ),
            ("import traced", "import span"),
        ),
    ),
    wrong(
        7,
        "the discounts are left out",
        "answered `total` = ",
        shop=put(("seat if place < 10 else seat * 9 // 10", "seat + place")),
    ),
    right(
        7,
        "a coroutine",
        shop=put(
            (DECORATED, f"@traced\nasync {PLAIN}"),
            (CALL, "    total = asyncio.run(price_order(order))\n"),
            ("from client", "import asyncio\n\nfrom client"),
        ),
    ),
    right(
        7,
        "the function in a module of its own",
        shop=put(
            ("@traced\ndef price_order", "def unused"),
            ("store = open", "from pricing import price_order\n\nstore = open"),
        ),
        pricing=lambda _: moved((SOLUTION / "shop.py").read_text()),
    ),
    wrong(
        7,
        "the plain API under another name, without code attributes",
        "`pricing` does not name its line of code",
        shop=put(
            USE,
            (
                DECORATED,
                '@trace.get_tracer("shop").start_as_current_span("pricing")\n' + PLAIN,
            ),
        ),
    ),
    wrong(
        7,
        "a span that leads into another module",
        "leads to store.py; expected shop.py",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (
                QUERY,
                '    tracer = trace.get_tracer("shop")\n'
                '    with tracer.start_as_current_span("price_order") as one:\n'
                '        one.set_attribute("code.file.path", "store.py")\n'
                '        one.set_attribute("code.line.number", 12)\n' + INDENTED,
            ),
        ),
    ),
    right(7, "another name", shop=put(("@traced\n", '@traced(name="pricing")\n'))),
    right(
        7,
        "a with block instead of the decorator",
        shop=put(
            USE, (DECORATED, PLAIN), (QUERY, '    with span("price"):\n' + INDENTED)
        ),
    ),
    right(
        7,
        "the plain API with code attributes, and an additional span",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (
                QUERY,
                '    tracer = trace.get_tracer("shop")\n'
                '    with tracer.start_as_current_span("price") as one:\n'
                '        one.set_attribute("code.function.name", "shop.price_order")\n'
                '        one.set_attribute("code.file.path", "07/shop.py")\n'
                '        one.set_attribute("code.line.number", 36)\n'
                '        with span("look up"):\n            pass\n' + INDENTED,
            ),
        ),
    ),
    right(
        7,
        "a decorated inner function of another name",
        shop=put(
            (DECORATED, PLAIN),
            (
                QUERY,
                "    @traced\n    def look_up():\n"
                + "".join(f"    {line}\n" for line in QUERY.splitlines())
                + "        return seat\n\n    seat = look_up()\n",
            ),
        ),
    ),
    right(
        7,
        "a method, an ExitStack, and spans around and inside",
        shop=put(
            ("import traced", "import span, traced"),
            (
                DECORATED,
                "class Prices:\n    @traced\n    def price_order(self, order):\n"
                "        with contextlib.ExitStack() as stack:\n"
                '            stack.enter_context(span("all of it"))\n'
                "            return price_it(order)\n\n\ndef price_it(order):",
            ),
            (
                CALL,
                '    with span("till"):\n        total = Prices().price_order(order)\n',
            ),
            ("from client", "import contextlib\n\nfrom client"),
        ),
    ),
    wrong(
        7,
        "the span is never the current span",
        "although the span is open all that time: it is not the current span",
        shop=put(
            (DECORATED, PLAIN),
            (
                BODY,
                '    one = trace.get_tracer("shop").start_span("price_order")\n' + BODY,
            ),
            ("    return total\n", "    one.end()\n    return total\n"),
            (USE[0], "from opentelemetry import trace"),
        ),
    ),
    wrong(
        7,
        "the span is started but not ended",
        "The parent of `SELECT` never arrived",
        shop=put(
            (DECORATED, "kept = []\n\n\n" + PLAIN),
            (
                BODY,
                "    kept.append(trace.get_tracer('shop').start_as_current_span('price'))\n"
                "    kept[-1].__enter__()\n" + BODY,
            ),
            (USE[0], "from opentelemetry import trace"),
        ),
    ),
    wrong(
        7,
        "a span of each step of the loop",
        "does not enclose the work: the query on `prices` is not below it",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (
                "        total += seat",
                '        with span("price_order"):\n            pass\n        total += seat',
            ),
        ),
    ),
    wrong(
        7,
        "a span for the whole request with the function's name",
        "encloses too much: the query on `INTO orders` is below it",
        shop=put(
            (DECORATED, PLAIN),
            ("def place_order", '@traced(name="price_order")\ndef place_order'),
        ),
    ),
    wrong(
        7,
        "a span in the caller, named after the function",
        "`price_order` leads to line",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (CALL, '    with span("price_order"):\n    ' + CALL),
        ),
    ),
    wrong(
        7,
        "the span is on another function",
        "the span for `price_order` is missing",
        shop=put((DECORATED, PLAIN), ("def read_order", "@traced\ndef read_order")),
    ),
    wrong(
        7,
        "the span ends before the work",
        "`price` does not enclose the work: the query on `prices` is not below it",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (BODY, '    with span("price"):\n        pass\n' + BODY),
        ),
    ),
    wrong(
        7,
        "a span of the plain API without a line of code",
        "`price_order` does not name its line of code",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (
                QUERY,
                '    tracer = trace.get_tracer("shop")\n'
                '    with tracer.start_as_current_span("price_order"):\n' + INDENTED,
            ),
        ),
    ),
    wrong(
        7,
        "the span is in a trace of its own",
        "is in a trace of its own",
        shop=put(
            USE,
            (
                CALL,
                "    token = context.attach(context.Context())\n"
                f"{CALL}    context.detach(token)\n",
            ),
            ("@traced\n", "@traced_()\n"),
            ("start_tracing(", "from traced import traced as traced_\nstart_tracing("),
            ("@traced_()", "@traced_"),
        ),
    ),
    wrong(
        7,
        "an invented line",
        "leads to line 1 of",
        shop=put(
            ("@traced\n", '@traced(attributes={"code.line.number": 1})\n'),
        ),
    ),
    wrong(
        7,
        "the span is around everything",
        "encloses too much: the query on `INTO orders` is below it",
        shop=put(
            USE,
            (DECORATED, PLAIN),
            (
                CALL + "    number = keep(order, total)\n",
                '    with span("price_order", {"code.function.name": "shop.price_order"'
                "}):\n        total = price_order(order)\n"
                "        number = keep(order, total)\n",
            ),
        ),
    ),
    wrong(
        7,
        "the decorator stands above the route",
        "shop.py does not start",
        shop=put(
            (DECORATED, PLAIN),
            ('@app.post("/orders")', '@traced\n@app.post("/orders")'),
        ),
    ),
    wrong(
        7,
        "a syntax error",
        "SyntaxError",
        shop=put(("@traced\n", "@traced(\n")),
    ),
]
