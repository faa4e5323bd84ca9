"""Sets the helpers up, in one place for all services.

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
    """Send this process's spans and log lines; each span has its line of code."""
    redaction = Redaction()
    tracing_setup.start_tracing(
        service,
        version=settings.build,
        processors=[
            CodeLocation(REPOSITORY),
            BusinessFields(
                allowed=FIELDS,
                # Only our own services get the fields; the card network and other
                # third parties do not.
                send_to=[settings.billing_url, settings.payments_url],
                # Database time and calls of a request, on its first span.
                roll_up={"shop.db": "db.system.name"},
            ),
        ],
        wrap_exporter=redaction.spans,
    )
    trace_clients("requests", "sqlalchemy")
    _write_logs(redaction)


def _write_logs(redaction: Redaction) -> None:
    """Write our log lines as JSON, and send them to appear beside their span.

    Only the logger of our own package: gunicorn and Celery have their own handlers.
    """
    send_logs(logger="demo_services", wrap_exporter=redaction.logs)
    logger = logging.getLogger("demo_services")
    if logger.propagate:
        handler = logging.StreamHandler()
        handler.setFormatter(JsonFormatter())
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
