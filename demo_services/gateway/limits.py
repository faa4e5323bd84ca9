"""The rate limit: requests of a tenant in a minute, counted in the database.

count_request(client)        # raises Refused(429) with Retry-After
"""

from __future__ import annotations

import time

from sqlalchemy import text

from demo_services.database import database
from demo_services.gateway.keys import Client
from demo_services.problems import Refused

# One statement: two requests at once never count as one.
COUNT = text("""
    INSERT INTO request_counts (tenant_id, minute, requests)
    VALUES (:tenant_id, :minute, 1)
    ON CONFLICT (tenant_id) DO UPDATE SET
        requests = CASE request_counts.minute WHEN excluded.minute
                   THEN request_counts.requests + 1 ELSE 1 END,
        minute = excluded.minute
    RETURNING requests
""")


def count_request(client: Client) -> None:
    """Count one more request of the client's tenant.

    Raises:
        Refused: The tenant has reached its limit; Retry-After has the seconds to wait.
    """
    minute, second = divmod(int(time.time()), 60)
    of_tenant = {"tenant_id": client.tenant_id, "minute": minute}
    with database().begin() as db:
        requests = db.execute(COUNT, of_tenant).scalar_one()
    if requests > client.orders_per_minute:
        wait = 60 - second
        raise Refused(
            429,
            "Too many requests",
            f"{client.orders_per_minute} orders a minute are allowed: wait {wait} s.",
            headers={"Retry-After": str(wait)},
        )
