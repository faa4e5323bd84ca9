"""The Flask application of notifications: its routes, and the worker's context.

gunicorn 'demo_services.notifications.app:create_app()'
"""

from __future__ import annotations

from flask import Flask

from demo_services.database import open_database
from demo_services.http import connect
from demo_services.notifications import outbox, statements
from demo_services.notifications.tables import tables
from demo_services.problems import answer_problems
from demo_services.settings import Settings, read_settings
from demo_services.tracing import start_tracing, trace_flask


def create_app(settings: Settings | None = None) -> Flask:
    """Build notifications; settings come from the environment by default."""
    settings = settings or read_settings("notifications")
    app = Flask(__name__)

    # Automatic: a client span for each outgoing call and each SQL statement.
    start_tracing("notifications", settings)
    # Automatic: a server span for each request, named after its route.
    trace_flask(app)

    app.extensions["settings"] = settings
    app.extensions["database"] = open_database(settings.database_url, tables)
    app.extensions["billing"] = connect("billing", settings.billing_url)

    app.register_blueprint(outbox.routes)
    app.register_blueprint(statements.routes)

    answer_problems(app)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app
