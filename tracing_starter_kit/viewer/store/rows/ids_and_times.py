"""Ids and times as columns of the database's types.

    span_ids("parent_span_id", [bytes([0, 0, 0, 0, 0, 0, 1, 7]), b""])    # 263 and 0

A column has no nulls: an absent id is all zeros, and the insert statement stores NULL.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence

from tracing_starter_kit.viewer.store.rows.columns import Column, numbers, uuids

LAST_NS = (1 << 63) - 1  # the last time that fits a BIGINT, in the year 2262


def trace_ids(name: str, ids: Sequence[bytes]) -> Column:
    """Return a column of trace ids."""
    return uuids(name, [trace_id or bytes(16) for trace_id in ids])


def span_ids(name: str, ids: Sequence[bytes]) -> Column:
    """Return a column of span ids, each as one number."""
    values = array("Q", b"".join([span_id or bytes(8) for span_id in ids]))
    if sys.byteorder == "little":
        values.byteswap()
    return numbers(name, values)


def times(name: str, nanoseconds: Sequence[int]) -> Column:
    """Return a column of times; a time after LAST_NS is stored as LAST_NS."""
    try:
        return numbers(name, array("q", nanoseconds))
    except OverflowError:
        return numbers(name, array("q", [min(time, LAST_NS) for time in nanoseconds]))
