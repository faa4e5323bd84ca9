"""Columns of Python values in Arrow's layout, from which a batch is made.

    [text("name", ["a", "b"]), numbers("kind", array("I", [1, 2]))]

Arrow stores a column as one block of bytes and one of end positions. `str.join` and
`array` build both without a loop in Python. The module `arrow` hands them to DuckDB.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

FORMATS = {"i": "i", "I": "I", "Q": "L", "q": "l"}  # array's type codes to Arrow's


@dataclass(frozen=True, kw_only=True)
class Column:
    """One Arrow array and its type. It has no nulls: the SQL makes them from zeros."""

    name: str
    format: str
    length: int
    buffers: tuple[bytes | array[Any], ...] = ()
    children: tuple[Column, ...] = ()
    dictionary: Column | None = None
    metadata: bytes = b""


def numbers(name: str, values: array[int]) -> Column:
    """Return a column of whole numbers, of the array's width."""
    kind = FORMATS[values.typecode]
    return Column(name=name, format=kind, length=len(values), buffers=(values,))


def text(name: str, values: Sequence[str]) -> Column:
    """Return a column of strings."""
    joined = "".join(values)
    if joined.isascii():
        ends = array("i", accumulate(map(len, values), initial=0))
    else:  # ends are in bytes, and a character may have several
        sizes = (len(value.encode()) for value in values)
        ends = array("i", accumulate(sizes, initial=0))
    buffers = (ends, joined.encode())
    return Column(name=name, format="u", length=len(values), buffers=buffers)


def dictionary_text(name: str, indices: array[int], values: Sequence[str]) -> Column:
    """Return a column of strings, each an index into `values`."""
    return Column(
        name=name,
        format="i",
        length=len(indices),
        buffers=(indices,),
        dictionary=text("", values),
    )


def uuids(name: str, values: Sequence[bytes]) -> Column:
    """Return a column of 16-byte ids."""
    return Column(
        name=name,
        format="w:16",
        length=len(values),
        buffers=(b"".join(values),),
        metadata=_metadata({"ARROW:extension:name": "arrow.uuid"}),
    )


def structs(name: str, columns: Sequence[Column]) -> Column:
    """Return a column of records with these fields."""
    length = columns[0].length
    return Column(name=name, format="+s", length=length, children=tuple(columns))


def lists(name: str, ends: array[int], item: Column) -> Column:
    """Return a column of lists; `ends` is 0, then the end of each list."""
    return _nested(name, "+l", ends, item)


def maps(name: str, ends: array[int], keys: Column, values: Column) -> Column:
    """Return a column of maps; `ends` as for lists, and no key twice in a map."""
    return _nested(name, "+m", ends, structs("entries", [keys, values]))


def _nested(name: str, kind: str, ends: array[int], child: Column) -> Column:
    return Column(
        name=name,
        format=kind,
        length=len(ends) - 1,
        buffers=(ends,),
        children=(child,),
    )


def _metadata(pairs: dict[str, str]) -> bytes:
    """Pack Arrow's key-value metadata: a count, then each text behind its length."""
    packed = struct.pack("=i", len(pairs))
    for item in (part.encode() for pair in pairs.items() for part in pair):
        packed += struct.pack("=i", len(item)) + item
    return packed
