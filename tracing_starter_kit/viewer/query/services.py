"""Which services sent spans, and what their spans are called."""

from __future__ import annotations

from tracing_starter_kit.viewer.query.reader import Cursor

SERVICES = "SELECT DISTINCT service FROM spans ORDER BY service"
OPERATIONS = """
    SELECT DISTINCT name, kind
    FROM spans
    WHERE service = $service AND ($kind IS NULL OR kind = $kind)
    ORDER BY name, kind"""


def services(cursor: Cursor) -> list[str]:
    """Return the names of all services."""
    return [row[0] for row in cursor.execute(SERVICES).fetchall()]


def operations(
    cursor: Cursor, service: str, *, kind: int | None = None
) -> list[tuple[str, int]]:
    """Return the span names of a service, each with its kind."""
    parameters = {"service": service, "kind": kind}
    return cursor.execute(OPERATIONS, parameters).fetchall()
