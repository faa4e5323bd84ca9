"""The tables of notifications: the outbox, and the statements of each nightly run.

select(outbox).where(outbox.c.order_id == order_id)
"""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, Integer, MetaData, String, Table, Text

tables = MetaData()

outbox = Table(
    "outbox",
    tables,
    Column("receipt_id", String, primary_key=True),
    Column("order_id", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("status", String, nullable=False),  # trying, delivered, given up
    Column("attempts", Integer, nullable=False),
    Column("deliveries", Integer, nullable=False),
    Index("outbox_by_order", "order_id"),
)

runs = Table(
    "runs",
    tables,
    Column("run_id", String, primary_key=True),
    Column("day", String, nullable=False),
    Column("customers", Integer, nullable=False),
    Column("status", String, nullable=False),  # running, summing up, done
    Column("totals", JSON, nullable=False),  # currency -> minor units
    # The run's trace, which the last statement's task continues.
    Column("trace_headers", JSON, nullable=False),
)

statements = Table(
    "statements",
    tables,
    Column("run_id", String, primary_key=True),
    Column("customer_id", String, primary_key=True),
    Column("totals", JSON, nullable=False),  # currency, invoices, minor units
    Column("text", Text, nullable=False),
)
