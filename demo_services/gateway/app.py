"""The gateway as an application.

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
    """Build the gateway; without settings, from the environment."""
    settings = settings or read_settings("gateway")
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY

    # Automatic: requests, outgoing calls and SQL statements make spans by themselves.
    start_tracing("gateway", settings)
    # Automatic: what a client says about a trace's business is not believed here.
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
