"""The table of payments: a row for each charge, by its idempotency key.

select(charges).where(charges.c.idempotency_key == key)
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, MetaData, String, Table

tables = MetaData()

charges = Table(
    "charges",
    tables,
    Column("idempotency_key", String, primary_key=True),
    Column("amount", BigInteger, nullable=False),  # minor units
    Column("currency", String, nullable=False),
    Column("card", String, nullable=False),  # the network's token, not a number
    Column("status", String, nullable=False),  # pending, approved, declined
    Column("reason", String),
)
