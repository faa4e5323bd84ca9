"""API keys: find the customer behind a request's header.

client = identify(request.headers.get("X-API-Key"))
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from demo_services.database import database
from demo_services.gateway.tables import api_keys
from demo_services.problems import Refused

PLENTY = 60_000
# Keys for the demo only. Dan's tenant may order three times a minute.
DEMO_KEYS = [
    {
        "key": f"demo-key-{name}",
        "tenant_id": tenant,
        "customer_id": f"c-{name}",
        "orders_per_minute": limit,
    }
    for name, tenant, limit in (
        ("ada", "t-alpine", PLENTY),
        ("bob", "t-harbor", PLENTY),
        ("cleo", "t-meadow", PLENTY),
        ("dan", "t-orchard", 3),
    )
]


@dataclass(frozen=True)
class Client:
    """The sender of a request."""

    tenant_id: str
    customer_id: str
    orders_per_minute: int


def identify(key: str | None) -> Client:
    """Return the client that a key belongs to.

    Raises:
        Refused: The key is missing or unknown.
    """
    if not key:
        raise Refused(401, "API key missing", "Send your key in the header X-API-Key.")
    columns = (
        api_keys.c.tenant_id,
        api_keys.c.customer_id,
        api_keys.c.orders_per_minute,
    )
    with database().connect() as db:
        row = db.execute(select(*columns).where(api_keys.c.key == key)).one_or_none()
    if row is None:
        detail = "No customer has the key in X-API-Key: check it for typing errors."
        raise Refused(401, "API key unknown", detail)
    return Client(*row)
