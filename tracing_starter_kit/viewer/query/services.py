"""The services that sent spans, and the names of their spans."""

from __future__ import annotations

from tracing_starter_kit.viewer.query.reader import Cursor, statement


def services(cursor: Cursor) -> list[str]:
    """Return the names of all services, sorted."""
    query = "SELECT DISTINCT service FROM spans ORDER BY service"
    return [row[0] for row in cursor.execute(query).fetchall()]


def operations(
    cursor: Cursor, service: str, *, kind: int | None = None
) -> list[tuple[str, int]]:
    """Return the span names of a service, each with its kind."""
    parameters = {"service": service, "kind": kind}
    return cursor.execute(statement("operations"), parameters).fetchall()
