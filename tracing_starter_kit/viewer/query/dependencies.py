"""The calls between services, counted from their spans."""

from __future__ import annotations

from dataclasses import dataclass

from tracing_starter_kit.viewer.query.reader import Cursor, statement


@dataclass(frozen=True, slots=True)
class Dependency:
    """The number of spans of `child` whose parents are spans of `parent`."""

    parent: str
    child: str
    call_count: int


def dependencies(cursor: Cursor, *, start_ns: int, end_ns: int) -> list[Dependency]:
    """Count the calls between services, by the spans that started in this time."""
    parameters = {"start_ns": start_ns, "end_ns": end_ns}
    rows = cursor.execute(statement("dependencies"), parameters).fetchall()
    return [Dependency(*row) for row in rows]
