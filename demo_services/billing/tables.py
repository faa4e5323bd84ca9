"""Billing's tables: customers, orders, invoices with their lines, receipts.

insert(orders), {"id": ..., "status": "pending", ...}
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

tables = MetaData()

customers = Table(
    "customers",
    tables,
    Column("id", String, primary_key=True),
    Column("tenant_id", String, nullable=False),
    Column("name", String, nullable=False),
    Column("email", String, nullable=False),
    Column("country", String, nullable=False),
)

orders = Table(
    "orders",
    tables,
    Column("id", String, primary_key=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("plan", String, nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("currency", String, nullable=False),
    Column("total", BigInteger, nullable=False),  # minor units, here and below
    Column("status", String, nullable=False),  # pending, paid, declined
    Column("declined_because", String),
    Column("idempotency_key", String),
    Column("fingerprint", String, nullable=False),
    Column("trace_id", String),
    UniqueConstraint("customer_id", "idempotency_key"),
)

invoices = Table(
    "invoices",
    tables,
    Column("id", String, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, unique=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
    Column("day", String, nullable=False),  # 2026-11-23, UTC
    Column("currency", String, nullable=False),
    Column("net", BigInteger, nullable=False),
    Column("tax", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("status", String, nullable=False),  # open, paid, void
    Index("invoices_of_a_day", "customer_id", "day"),
)

invoice_lines = Table(
    "invoice_lines",
    tables,
    Column("invoice_id", ForeignKey("invoices.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("description", String, nullable=False),
    Column("amount", BigInteger, nullable=False),
)

receipts = Table(
    "receipts",
    tables,
    Column("id", String, primary_key=True),
    Column("order_id", ForeignKey("orders.id"), nullable=False, unique=True),
    Column("status", String, nullable=False),  # waiting, queued
    Column("written_at", Float, nullable=False),  # seconds since 1970
    Column("body", JSON, nullable=False),
    # The order's trace, which a receipt continues when it is queued later.
    Column("trace_headers", JSON, nullable=False),
    Index("receipts_by_status", "status", "written_at"),
)
