"""Ids and times as columns: numbers where that is what the database keeps.

A column has no nulls on its way into the database; an absent id is all zeros here, and
the insert statement makes a NULL of it.
"""

import sys
from array import array
from collections.abc import Sequence
from typing import Final

from tracing_starter_kit.viewer.store.rows.columns import Column, numbers, uuids

__all__ = ["span_ids", "times", "trace_ids"]

LAST_NS: Final = (1 << 63) - 1  # the last time that fits a BIGINT, in the year 2262


def trace_ids(name: str, ids: Sequence[bytes]) -> Column:
    """Return a column of trace ids."""
    return uuids(name, [trace_id or bytes(16) for trace_id in ids])


def span_ids(name: str, ids: Sequence[bytes]) -> Column:
    """Return a column of span ids, as the number that their hexadecimal form says."""
    values = array("Q", b"".join([span_id or bytes(8) for span_id in ids]))
    if sys.byteorder == "little":
        values.byteswap()
    return numbers(name, values)


def times(name: str, nanoseconds: Sequence[int]) -> Column:
    """Return a column of times; what is past the last one is cut to it."""
    try:
        return numbers(name, array("q", nanoseconds))
    except OverflowError:
        return numbers(name, array("q", [min(time, LAST_NS) for time in nanoseconds]))
