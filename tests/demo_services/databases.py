"""A database for each service of a test: a file, or a database of a real server.

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

UTF8 = "TEMPLATE template0 ENCODING 'UTF8'"  # independent of the server's locale
SERVER = os.environ.get("DATABASE_SERVER")


def database_url(folder: Path, service: str) -> str:
    """Return the address of a service's database; a folder always has the same one."""
    if SERVER is None:
        return f"sqlite:///{folder}/{service}.db"
    name = _name(folder, service)
    exists = "SELECT 1 FROM pg_database WHERE datname = :name"
    engine = create_engine(SERVER, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        if not db.execute(text(exists), {"name": name}).first():
            db.execute(text(f"CREATE DATABASE {name} {UTF8}"))
    engine.dispose()
    return make_url(SERVER).set(database=name).render_as_string(hide_password=False)


def lose_database(folder: Path, service: str) -> None:
    """Remove a service's database, while the service has it open."""
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
    """Block all writes into a table until the block ends."""
    statements = {
        "sqlite": f"UPDATE {table} SET rowid = rowid",
        "postgresql": f"LOCK TABLE {table} IN EXCLUSIVE MODE",
    }
    with engine.begin() as db:
        db.execute(text(statements[engine.dialect.name]))
        yield


def _name(folder: Path, service: str) -> str:
    return f"{service}_{zlib.crc32(str(folder).encode()):08x}"
