"""The gateway's tables: API keys and request counts.

select(api_keys.c.tenant_id).where(api_keys.c.key == key)
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData, String, Table

tables = MetaData()

api_keys = Table(
    "api_keys",
    tables,
    Column("key", String, primary_key=True),
    Column("tenant_id", String, nullable=False),
    Column("customer_id", String, nullable=False),
    Column("orders_per_minute", Integer, nullable=False),
)

# One row for each tenant, which starts again each minute: the table does not grow.
request_counts = Table(
    "request_counts",
    tables,
    Column("tenant_id", String, primary_key=True),
    Column("minute", BigInteger, nullable=False),
    Column("requests", Integer, nullable=False),
)
