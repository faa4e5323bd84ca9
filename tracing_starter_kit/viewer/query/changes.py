"""The traces that changed between two moments.

    mark = newest_mark(cursor)
    …                                       # later
    newest = newest_mark(cursor)
    changed_traces(cursor, filters, after=mark, upto=newest)

A mark is the time of a commit.
"""

from __future__ import annotations

from uuid import UUID

from tracing_starter_kit.viewer.query.filters import Filters
from tracing_starter_kit.viewer.query.predicates import conditions
from tracing_starter_kit.viewer.query.reader import Cursor, statement


def newest_mark(cursor: Cursor) -> int:
    """Return the time of the last commit of spans; 0 if there are no spans."""
    row = cursor.execute("SELECT coalesce(max(received_ns), 0) FROM spans").fetchone()
    return int(row[0]) if row else 0


def changed_traces(
    cursor: Cursor, filters: Filters, *, after: int, upto: int
) -> list[UUID]:
    """Return the ids of matching traces whose spans were stored between two marks."""
    where, parameters = conditions(filters)
    bounds = {"after": after, "upto": upto, "most": filters.limit}
    changed = statement("changed").replace("/*conditions*/", where)
    rows = cursor.execute(changed, parameters | bounds).fetchall()
    return [row[0] for row in rows]
