"""A database of its own for each service of a test: a file, or one of a real server.

The variable DATABASE_SERVER names the server:
postgresql+psycopg://postgres:demo@127.0.0.1:5432/postgres
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, create_engine, make_url, text

UTF8 = "TEMPLATE template0 ENCODING 'UTF8'"  # whatever the server's own language is
SERVER = os.environ.get("DATABASE_SERVER")


def database_url(folder: Path, service: str) -> str:
    """Return where a service's rows are; the same folder means the same rows."""
    if SERVER is None:
        return f"sqlite:///{folder}/{service}.db"
    name = _name(folder, service)
    there = "SELECT 1 FROM pg_database WHERE datname = :name"
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        if not db.execute(text(there), {"name": name}).first():
            db.execute(text(f"CREATE DATABASE {name} {UTF8}"))
    engine.dispose()
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def lose_database(folder: Path, service: str) -> None:
    """Take a service's database away, while the service has it open."""
    if SERVER is None:
        for file in folder.glob(f"{service}.db*"):
            file.unlink()
        (folder / f"{service}.db").write_bytes(b"")
        return
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        db.execute(text(f"DROP DATABASE {_name(folder, service)} WITH (FORCE)"))
    engine.dispose()


@contextmanager
def held_up(engine: Engine, table: str) -> Iterator[None]:
    """Let nobody write into a table until the block ends."""
    wait = {
        "sqlite": f"UPDATE {table} SET rowid = rowid",
        "postgresql": f"LOCK TABLE {table} IN EXCLUSIVE MODE",
    }
    with engine.begin() as db:
        db.execute(text(wait[engine.dialect.name]))
        yield


def _name(folder: Path, service: str) -> str:
    return f"{service}_{zlib.crc32(str(folder).encode()):08x}"
