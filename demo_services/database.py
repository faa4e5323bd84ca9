"""A service's database: SQLite by default, PostgreSQL by another `DATABASE_URL`.

    engine = open_database("sqlite:///billing.db", tables, {customers: DEMO_CUSTOMERS})
    with database().begin() as db: db.execute(insert(orders), {...})

Views and tasks say their SQL themselves, so that each statement's span leads to the
line that wanted it. A transaction that writes begins with a write: SQLite then waits
for its turn instead of failing on a stale read.
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

# The line that wanted a row is the span's place in the code, not insert_missing().
__tracing_helper__ = True
BUSY_TIMEOUT_MS = 5_000
# A server that is away is noticed within this many seconds: in connecting, in
# waiting for a connection of the pool, and in a connection that has gone silent.
GONE_WITHIN = 2
Rows = Sequence[Mapping[str, object]]


def open_database(
    url: str, tables: MetaData, demo_rows: Mapping[Table, Rows] | None = None
) -> Engine:
    """Open the database, create what is missing, add the rows of the demo.

    Creating tables is no request of anybody, so it makes no spans. No connection
    stays open: a server that forks afterwards must not share one with its children.
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
    """Create the tables that are not there yet.

    The statements ask the database to look: two processes of one service start side
    by side, and `create_all()` looks first and creates then. PostgreSQL looks first
    and creates then, too, so that there they take turns.
    """
    if db.dialect.name == "postgresql":
        ours = zlib.crc32(" ".join(sorted(tables.tables)).encode())
        db.execute(text("SELECT pg_advisory_xact_lock(:ours)"), {"ours": ours})
    for table in tables.sorted_tables:
        db.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            db.execute(CreateIndex(index, if_not_exists=True))


def insert_missing(db: Connection, table: Table, rows: Rows) -> int:
    """Insert the rows whose key is not there yet; return how many those were.

    The statement is text because SQLite and PostgreSQL agree on it, while
    SQLAlchemy has a construct of its own for each.
    """
    columns = [table.c[name] for name in rows[0]]
    names = ", ".join(column.name for column in columns)
    values = ", ".join(f":{column.name}" for column in columns)
    insert = text(
        f"INSERT INTO {table.name} ({names}) VALUES ({values}) "  # noqa: S608
        "ON CONFLICT DO NOTHING"
    )
    # With the columns' types, so that JSON is written as JSON.
    typed = (bindparam(column.name, type_=column.type) for column in columns)
    return db.execute(insert.bindparams(*typed), [dict(row) for row in rows]).rowcount


def database() -> Engine:
    """Return the database of the service that runs this code."""
    return cast(Engine, current_app.extensions["database"])


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(url)
    Path(engine.url.database or "").parent.mkdir(parents=True, exist_ok=True)
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _open_server(url: str) -> Engine:
    """Return a pool of connections that survives a restart of its server.

    Each connection is tried before it is lent, at the cost of one round trip: after a
    restart all of them are dead, and each would fail a request to find out.
    """
    return create_engine(
        url,
        pool_pre_ping=True,
        pool_timeout=GONE_WITHIN,
        connect_args={
            "connect_timeout": GONE_WITHIN,
            "tcp_user_timeout": GONE_WITHIN * 1000,
        },
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    # Readers do not block the writer, and a commit needs no fsync of its own.
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
