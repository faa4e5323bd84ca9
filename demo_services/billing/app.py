"""Billing's Flask application.

gunicorn 'demo_services.billing.app:create_app()'
"""

from __future__ import annotations

from flask import Flask

from demo_services.billing import customers, orders, statements
from demo_services.billing.customers import DEMO_CUSTOMERS
from demo_services.billing.receipt_sender import ReceiptSender
from demo_services.billing.tables import customers as customers_table
from demo_services.billing.tables import tables
from demo_services.database import open_database
from demo_services.http import connect
from demo_services.problems import answer_problems
from demo_services.queue import open_queue
from demo_services.settings import Settings, read_settings
from demo_services.tracing import start_tracing, trace_celery, trace_flask


def create_app(settings: Settings | None = None) -> Flask:
    """Build billing; settings come from the environment by default."""
    settings = settings or read_settings("billing")
    app = Flask(__name__)
    queue = open_queue("billing", settings.broker_url, answers_within=0.5)

    # Automatic: a client span for each outgoing call and each SQL statement.
    start_tracing("billing", settings)
    # Automatic: a server span for each request, named after its route.
    trace_flask(app)
    # Automatic: a producer span for each queued task, whose message carries the trace.
    trace_celery(queue)

    app.extensions["settings"] = settings
    app.extensions["database"] = open_database(
        settings.database_url, tables, {customers_table: DEMO_CUSTOMERS}
    )
    app.extensions["payments"] = connect("payments", settings.payments_url)
    app.extensions["queue"] = queue
    app.extensions["receipt_sender"] = ReceiptSender(app)

    app.register_blueprint(orders.routes)
    app.register_blueprint(customers.routes)
    app.register_blueprint(statements.routes)

    answer_problems(app)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
