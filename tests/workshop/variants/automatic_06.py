"""Right and wrong answers to exercise 6."""

from __future__ import annotations

from tests.workshop.variant import put, right, wrong

START = 'start_tracing("shop")\n'
CLIENTS = 'trace_clients("requests", "sqlalchemy")\n'
FLASK = "trace_flask(app)\n"
STORE = "store = open_store()\n"
PIP = """from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
RequestsInstrumentor().instrument()
"""
THEIR_STORE = STORE + "SQLAlchemyInstrumentor().instrument(engine=store)\n"

VARIANTS = [
    right(
        6, "contrib's instrumentations", shop=put((CLIENTS, PIP), (STORE, THEIR_STORE))
    ),
    right(
        6,
        "tracing at the end of the file, with another service name",
        shop=lambda text: (
            text.replace(FLASK, "").replace(START, 'start_tracing("my-shop")\n')
            + f"\n\n{FLASK}"
        ),
        answers=put(('"apply_discounts"', '"apply_discounts()"')),
    ),
    right(
        6,
        "a class-based view in an app factory, and the function's name with its module",
        shop=put(
            (
                "app = Flask(__name__)\ntrace_flask(app)\n",
                "def create_app():\n    app = Flask(__name__)\n"
                "    trace_flask(app)\n    return app\n\n\napp = create_app()\n",
            ),
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
        ),
        answers=put(('"apply_discounts"', '"shop.apply_discounts"')),
    ),
    right(
        6,
        "spans by hand for every function",
        shop=put(
            *(
                (
                    f"def {name}(",
                    f'@trace.get_tracer("shop").start_as_current_span("{name}")\n'
                    f"def {name}(",
                )
                for name in ("look_up_price", "ask_carrier", "keep")
            ),
            ("import requests\n", "import requests\nfrom opentelemetry import trace\n"),
        ),
    ),
    wrong(
        6,
        "the store is opened before its library is traced",
        "the query on `prices` is missing",
        shop=put((STORE, ""), (START, STORE + START)),
    ),
    wrong(
        6,
        "clients are traced during the first request",
        "is missing",
        shop=put(
            (CLIENTS, ""),
            ("    form = request", f"    {CLIENTS}    form = request"),
        ),
    ),
    wrong(
        6,
        "tracing starts in code that does not run",
        "made no span",
        shop=put(
            (START + CLIENTS, ""),
            (FLASK, f'if __name__ == "__main__":\n    {START}    {CLIENTS}    {FLASK}'),
        ),
    ),
    wrong(
        6,
        "spans by hand that look like queries",
        "the query on `prices` is missing",
        shop=put(
            (CLIENTS, 'trace_clients("requests")\n'),
            (
                "    with store.connect()",
                '    trace.get_tracer("shop").start_span("SELECT prices").end()\n'
                "    with store.connect()",
            ),
            ("import requests\n", "import requests\nfrom opentelemetry import trace\n"),
        ),
    ),
    wrong(
        6,
        "two functions in one answer",
        "It is not `apply_discounts, ask_carrier`",
        answers=put(('"apply_discounts"', '"apply_discounts, ask_carrier"')),
    ),
    wrong(
        6,
        "no client is traced",
        "the query on `prices` is missing",
        shop=put((CLIENTS, "")),
    ),
    wrong(
        6,
        "the database only",
        "the call to `/costs/` is missing",
        shop=put((CLIENTS, 'trace_clients("sqlalchemy")\n')),
    ),
    wrong(
        6,
        "Flask is not traced",
        "made no span",
        shop=put((FLASK, "")),
    ),
    wrong(
        6,
        "clients before tracing",
        "trace_clients() found no tracing: call start_tracing() before it.",
        shop=put((START + CLIENTS, CLIENTS + START)),
    ),
    wrong(
        6,
        "a span by hand for the request",
        "Its span `POST /orders` is of the wrong kind: INTERNAL",
        shop=put(
            (FLASK, ""),
            (
                "    form = request.get_json()\n",
                "    from opentelemetry import trace\n"
                "    from opentelemetry.propagate import extract\n"
                '    trace.get_tracer("x").start_span("POST /orders", '
                "extract(request.headers)).end()\n"
                "    form = request.get_json()\n",
            ),
        ),
    ),
    wrong(
        6,
        "the wrong function",
        "It is not `ask_carrier`",
        answers=put(('"apply_discounts"', '"ask_carrier"')),
    ),
    wrong(
        6,
        "no answer yet",
        "One question remains",
        answers=put(('"apply_discounts"', '""')),
    ),
    wrong(
        6,
        "an answer without quotes",
        "answers.toml is not valid TOML",
        answers=put(('"apply_discounts"', "apply_discounts")),
    ),
]
