"""Ids as columns: eight bytes as a number, sixteen as a UUID, and what is absent.

A column has no nulls on its way into the database; an absent id is all zeros here, and
the insert statement makes a NULL of it.
"""

import sys
from array import array
from collections.abc import Sequence
from typing import Final

from viewer.store.columns import Column, numbers, uuids

__all__ = ["LAST_NS", "span_ids", "trace_ids"]

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
