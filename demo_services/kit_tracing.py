"""How the demo sets the helpers up, in one place for all services.

start_tracing("billing", settings)
"""

from __future__ import annotations

import logging
from pathlib import Path

from demo_services.settings import Settings
from instrumentation import tracing_setup
from instrumentation.business import BusinessFields
from instrumentation.client_tracing import trace_clients
from instrumentation.code_location import CodeLocation
from instrumentation.log_export import send_logs
from instrumentation.logs import JsonFormatter
from instrumentation.redact import Redaction

REPOSITORY = Path(__file__).resolve().parent.parent
# The fields that travel between our services.
FIELDS = (
    "shop.build",
    "shop.client.os",
    "shop.customer.id",
    "shop.endpoint",
    "shop.order.id",
    "shop.payload.size",
    "shop.plan",
    "shop.region",
    "shop.request.id",
    "shop.tenant.id",
)


def start_tracing(service: str, settings: Settings) -> None:
    """Send this process's spans and log lines, each with its line of code."""
    redaction = Redaction()
    tracing_setup.start_tracing(
        service,
        version=settings.build,
        processors=[
            CodeLocation(REPOSITORY),
            BusinessFields(
                allowed=FIELDS,
                # Ours, by address: what a customer buys is not the card network's
                # business, nor anybody's whom we call one day.
                send_to=[settings.billing_url, settings.payments_url],
                # How much of a request is the database: on its first span.
                roll_up={"shop.db": "db.system.name"},
            ),
        ],
        wrap_exporter=redaction.spans,
    )
    trace_clients("requests", "sqlalchemy")
    _write_logs(redaction)


def _write_logs(redaction: Redaction) -> None:
    """Write what our code logs as lines of JSON, and send it to stand by its span.

    On the logger of our own package: gunicorn and Celery have handlers of their own.
    """
    send_logs(logger="demo_services", wrap_exporter=redaction.logs)
    ours = logging.getLogger("demo_services")
    if ours.propagate:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        ours.addHandler(handler)
        ours.setLevel(logging.INFO)
        ours.propagate = False
