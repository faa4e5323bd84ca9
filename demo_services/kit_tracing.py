"""How the demo sets the helpers up, in one place for all services.

start_tracing("billing", version="1.4.2")
"""

from __future__ import annotations

from pathlib import Path

from instrumentation import tracing_setup
from instrumentation.business import BusinessFields
from instrumentation.code_location import CodeLocation

REPOSITORY = Path(__file__).resolve().parent.parent
# What may become a field: a name that is not listed here is set on no span and sent
# to no other service.
FIELDS = (
    "app.build",
    "app.client.os",
    "app.customer.id",
    "app.endpoint",
    "app.order.id",
    "app.payload.size",
    "app.plan",
    "app.region",
    "app.request.id",
    "app.tenant.id",
)


def start_tracing(service: str, *, version: str) -> None:
    """Send this process's spans, each with its line of code and the order's fields."""
    tracing_setup.start_tracing(
        service,
        version=version,
        environment="development",
        processors=[CodeLocation(REPOSITORY), BusinessFields(allowed=FIELDS)],
    )
