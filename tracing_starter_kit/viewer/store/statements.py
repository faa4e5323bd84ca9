"""The store's SQL statements, one file each in the folder `sql`.

    connection.execute(statement("insert_logs"), {"received_ns": 1})

Statements of one line stand in the code that runs them.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path


@cache
def statement(name: str) -> str:
    """Return the text of `sql/NAME.sql`."""
    return (Path(__file__).parent / "sql" / f"{name}.sql").read_text("utf-8")
