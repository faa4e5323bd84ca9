"""Which traces match: their ids, newest first.

    find_traces(cursor, Filters(service="billing", limit=20))

A trace matches when one of its spans meets all filters. Time is searched backwards in
stretches that grow, so that what happened lately is found without reading the rest:
of 1 M spans a frequent word takes 5 ms, and 500 ms when all are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from tracing_starter_kit.viewer.query.filters import SECOND, Filters
from tracing_starter_kit.viewer.query.predicates import conditions
from tracing_starter_kit.viewer.query.reader import Cursor, statement

# 1 s, 16 s, 4 min, 68 min, 18 h, 12 days, 194 days, and then all the rest.
FIRST_STRETCH = SECOND
GROWTH = 16
STRETCHES = 7


@dataclass(frozen=True, slots=True)
class TracePage:
    """A page of trace ids, and from where on the next page is to be searched."""

    trace_ids: list[UUID]
    older_ns: int | None  # the start of the last trace's match; None: this is all


def find_traces(cursor: Cursor, filters: Filters) -> list[UUID]:
    """Return up to `limit` trace ids, the one with the newest matching span first."""
    return find_page(cursor, filters).trace_ids


def find_page(cursor: Cursor, filters: Filters) -> TracePage:
    """Return the same, and where older ones are.

    A search that ends there, or a little later, passes over no trace; it may find some
    again, by spans of theirs that are older.
    """
    where, parameters = conditions(filters)
    newest = statement("newest").replace("/*conditions*/", where)
    found: dict[UUID, int] = {}
    for from_ns, before_ns in _stretches(cursor, filters):
        bounds = {"from_ns": from_ns, "before_ns": before_ns}
        # A trace that was found in a later stretch may be found again.
        most = {"most": filters.limit + len(found)}
        rows = cursor.execute(newest, parameters | bounds | most).fetchall()
        found |= {trace_id: at for trace_id, at in rows if trace_id not in found}
        if len(found) >= filters.limit:
            break
    page = list(found)[: filters.limit]
    full = bool(page) and len(page) == filters.limit
    return TracePage(page, found[page[-1]] if full else None)


def _stretches(cursor: Cursor, filters: Filters) -> Iterator[tuple[int, int]]:
    """Yield bounds that together cover all spans in question, the newest first."""
    row = cursor.execute("SELECT min(start_ns), max(start_ns) FROM spans").fetchone()
    if row is None or row[0] is None:
        return
    oldest = row[0] if filters.start_ns is None else max(row[0], filters.start_ns)
    before = row[1] + 1 if filters.end_ns is None else min(row[1] + 1, filters.end_ns)
    length = FIRST_STRETCH
    for _ in range(STRETCHES):
        if before <= oldest:
            return
        yield max(oldest, before - length), before
        before, length = before - length, length * GROWTH
    if before > oldest:
        yield oldest, before
