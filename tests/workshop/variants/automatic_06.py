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
        "everything at the end of the file, another service name",
        shop=lambda text: (
            text.replace(FLASK, "").replace(START, 'start_tracing("my-shop")\n')
            + f"\n\n{FLASK}"
        ),
        answers=put(('"apply_discounts"', '"apply_discounts()"')),
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
        "the call of `/costs/` is missing",
        shop=put((CLIENTS, 'trace_clients("sqlalchemy")\n')),
    ),
    wrong(
        6,
        "requests to it are not traced",
        "left no span at all",
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
        "the request's span `POST /orders` is missing",
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
        "One thing is left",
        answers=put(('"apply_discounts"', '""')),
    ),
    wrong(
        6,
        "an answer without quotes",
        "answers.toml cannot be read",
        answers=put(('"apply_discounts"', "apply_discounts")),
    ),
]
