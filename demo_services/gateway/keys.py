"""API keys: from the header of a request to the customer who sent it.

client = identify(request.headers.get("X-API-Key"))
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from demo_services.database import database
from demo_services.gateway.tables import api_keys
from demo_services.problems import Refused

PLENTY = 60_000
# The keys of the demo, and plainly that. Dan's tenant may ask three times a minute.
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
    """Who sent a request."""

    tenant_id: str
    customer_id: str
    orders_per_minute: int


def identify(key: str | None) -> Client:
    """Return whose key that is.

    Raises:
        Refused: There is no key, or nobody's.
    """
    if not key:
        raise Refused(401, "API key missing", "Send yours in the header X-API-Key.")
    columns = (
        api_keys.c.tenant_id,
        api_keys.c.customer_id,
        api_keys.c.orders_per_minute,
    )
    with database().connect() as db:
        row = db.execute(select(*columns).where(api_keys.c.key == key)).one_or_none()
    if row is None:
        raise Refused(401, "API key unknown", "The key in X-API-Key is nobody's.")
    return Client(*row)
