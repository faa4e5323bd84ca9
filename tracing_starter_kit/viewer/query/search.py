"""Search traces: the ids of those that match, newest first.

    find_traces(cursor, Filters(service="billing", limit=20))

A trace matches if one of its spans meets all filters. The search goes back in time, in
periods that grow, and stops when it has enough traces: in 1 M spans it finds a frequent
word in 5 ms, where a search through all of them takes 500 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tracing_starter_kit.viewer.query.filters import SECOND, Filters
from tracing_starter_kit.viewer.query.predicates import conditions
from tracing_starter_kit.viewer.query.reader import Cursor, statement

# 1 s, 16 s, 4 min, 68 min, 18 h, 12 days, 194 days; and then all that is older.
FIRST_PERIOD = SECOND
GROWTH = 16
PERIODS = 7


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of trace ids, and the time from which to search the next page."""

    trace_ids: list[UUID]
    older_ns: int | None  # start of the last trace's matching span; None: no more


def find_traces(cursor: Cursor, filters: Filters) -> list[UUID]:
    """Return up to `limit` trace ids, the one with the newest matching span first."""
    return find_page(cursor, filters).trace_ids


def find_page(cursor: Cursor, filters: Filters) -> TracePage:
    """Return the same ids as a page, with the time of the next page.

    A search for older spans than that never skips a trace. It may repeat one that has
    older matching spans too.
    """
    where, parameters = conditions(filters)
    newest = statement("newest").replace("/*conditions*/", where)
    start_of: dict[UUID, int] = {}
    for from_ns, before_ns in _periods(cursor, filters):
        bounds = {"from_ns": from_ns, "before_ns": before_ns}
        # Traces of the periods before may match in this one again.
        most = {"most": filters.limit + len(start_of)}
        rows = cursor.execute(newest, parameters | bounds | most).fetchall()
        start_of |= {key: start for key, start in rows if key not in start_of}
        if len(start_of) >= filters.limit:
            break
    page = list(start_of)[: filters.limit]
    is_full = bool(page) and len(page) == filters.limit
    return TracePage(page, start_of[page[-1]] if is_full else None)


def _periods(cursor: Cursor, filters: Filters) -> Iterator[tuple[int, int]]:
    """Yield the bounds of periods that cover all spans to search, the newest first."""
    row = cursor.execute("SELECT min(start_ns), max(start_ns) FROM spans").fetchone()
    if row is None or row[0] is None:
        return
    oldest = row[0] if filters.start_ns is None else max(row[0], filters.start_ns)
    before = row[1] + 1 if filters.end_ns is None else min(row[1] + 1, filters.end_ns)
    length = FIRST_PERIOD
    for _ in range(PERIODS):
        if before <= oldest:
            return
        yield max(oldest, before - length), before
        before, length = before - length, length * GROWTH
    if before > oldest:
        yield oldest, before
