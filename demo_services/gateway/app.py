"""The gateway's Flask application.

gunicorn 'demo_services.gateway.app:create_app()'
"""

from __future__ import annotations

from flask import Flask

from demo_services.database import open_database
from demo_services.gateway import orders
from demo_services.gateway.keys import DEMO_KEYS
from demo_services.gateway.tables import api_keys, tables
from demo_services.http import connect
from demo_services.problems import answer_problems
from demo_services.settings import Settings, read_settings
from demo_services.tracing import start_tracing, trace_flask

LONGEST_BODY = 64 * 1024  # bytes


def create_app(settings: Settings | None = None) -> Flask:
    """Build the gateway; settings come from the environment by default."""
    settings = settings or read_settings("gateway")
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY

    # Automatic: a client span for each outgoing call and each SQL statement.
    start_tracing("gateway", settings)
    # Automatic: a server span for each request; business fields of clients are ignored.
    trace_flask(app, trust_inbound=False)

    app.extensions["settings"] = settings
    app.extensions["database"] = open_database(
        settings.database_url, tables, {api_keys: DEMO_KEYS}
    )
    app.extensions["billing"] = connect("billing", settings.billing_url)

    app.register_blueprint(orders.routes)

    answer_problems(app)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
