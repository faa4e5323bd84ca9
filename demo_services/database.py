"""A service's database: SQLite, or PostgreSQL if `DATABASE_URL` names one.

    engine = open_database("sqlite:///billing.db", tables, {customers: DEMO_CUSTOMERS})
    with database().begin() as db: db.execute(insert(orders), {...})

Views and tasks contain their SQL themselves, so that each statement's span leads to its
line. A transaction that writes begins with a write: SQLite then waits for its turn
instead of failing on a stale read.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from flask import current_app
from opentelemetry.instrumentation.utils import suppress_instrumentation
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Table,
    bindparam,
    create_engine,
    event,
    text,
)
from sqlalchemy.schema import CreateIndex, CreateTable

# A span leads to the caller of insert_missing(), not into it.
__tracing_helper__ = True
BUSY_TIMEOUT_MS = 5_000
# Seconds until an absent server is an error: while connecting, while waiting for a
# connection of the pool, and on a connection that has gone silent.
SERVER_TIMEOUT = 2
Rows = Sequence[Mapping[str, object]]


def open_database(
    url: str, tables: MetaData, demo_rows: Mapping[Table, Rows] | None = None
) -> Engine:
    """Open the database, create missing tables, insert missing demo rows.

    Creating tables belongs to no request: it makes no spans. No connection stays open:
    a server that forks later must not share it with its children.
    """
    engine = _open_sqlite(url) if url.startswith("sqlite") else _open_server(url)
    with suppress_instrumentation():
        with engine.begin() as db:
            create_missing(db, tables)
            for table, rows in (demo_rows or {}).items():
                insert_missing(db, table, rows)
        engine.dispose()
    return engine


def create_missing(db: Connection, tables: MetaData) -> None:
    """Create the missing tables.

    Two processes of a service may start at once. `create_all()` checks first, then
    creates; IF NOT EXISTS leaves the check to the database. PostgreSQL, too, checks
    first, then creates: a lock makes the processes take turns there.
    """
    if db.dialect.name == "postgresql":
        lock = zlib.crc32(" ".join(sorted(tables.tables)).encode())
        db.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": lock})
    for table in tables.sorted_tables:
        db.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            db.execute(CreateIndex(index, if_not_exists=True))


def insert_missing(db: Connection, table: Table, rows: Rows) -> int:
    """Insert the rows whose key is new; return their number.

    The statement is text: SQLite and PostgreSQL both understand it, while SQLAlchemy
    has a different construct for each.
    """
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(column.name for column in columns)
    values = ", ".join(f":{column.name}" for column in columns)
    insert = text(
        f"INSERT INTO {table.name} ({names}) VALUES ({values}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
    # The columns' types make SQLAlchemy write JSON as JSON.
    typed = (bindparam(column.name, type_=column.type) for column in columns)
    return db.execute(insert.bindparams(*typed), [dict(row) for row in rows]).rowcount


def database() -> Engine:
    """Return the database of the current application."""
    return cast(Engine, current_app.extensions["database"])


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url)
    Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _open_server(url: str) -> Engine:
    """Return a pool of connections that survives a restart of its server.

    It tests each connection before use, with one round trip: after a restart all of
    them are dead, and each would otherwise fail a request.
    """
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=SERVER_TIMEOUT,
        connect_args={
            "connect_timeout": SERVER_TIMEOUT,
            "tcp_user_timeout": SERVER_TIMEOUT * 1000,
        },
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # Readers do not block the writer, and a commit does not wait for an fsync.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
