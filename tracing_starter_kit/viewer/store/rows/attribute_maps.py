"""Attributes as columns: from raw bytes to keys, values and letters.

    columns = attribute_columns([span.attributes for span in spans])

Spans of one kind have the same keys in the same order: their shape. Each shape is
examined only once, to number its keys and to find keys that occur twice.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence

from tracing_starter_kit.viewer.store.rows.attribute_cache import Entry, attribute_cache
from tracing_starter_kit.viewer.store.rows.columns import (
    Column,
    dictionary_text,
    maps,
    text,
)


def attribute_columns(rows: Iterable[Iterable[bytes]]) -> list[Column]:
    """Return `attributes` and `attribute_types` for rows of attributes as bytes."""
    look_up = attribute_cache.__getitem__
    return entry_columns([*map(look_up, row)] for row in rows)


def entry_columns(rows: Iterable[Sequence[Entry]]) -> list[Column]:
    """Return the same two columns for rows of (key, letter, text).

    If a row has a key twice, the last one counts.
    """
    shapes, joined = _Shapes(), _JoinedLetters()
    keys, ends = array("i"), array("i", [0])
    values: list[str] = []
    types: list[str] = []
    for row in rows:
        row_keys, letters, texts = zip(*row, strict=True) if row else ((), (), ())
        shape = shapes[row_keys]
        if len(shape) < len(row_keys):
            unique = {entry[0]: entry for entry in row}
            _, letters, texts = zip(*unique.values(), strict=True)
        keys.extend(shape)
        values += texts
        types.append(joined[letters])
        ends.append(len(values))
    key_column = dictionary_text("key", keys, [*shapes.numbers])
    return [
        maps("attributes", ends, key_column, text("value", values)),
        text("attribute_types", types),
    ]


class _Shapes(dict[tuple[str, ...], "array[int]"]):  # quoted for Python 3.11
    """For the keys of a row: their numbers in the dictionary, each key once."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, int] = {}

    def __missing__(self, keys: tuple[str, ...]) -> array[int]:
        numbers = self.numbers
        unique = dict.fromkeys(keys)
        shape = array("i", [numbers.setdefault(key, len(numbers)) for key in unique])
        self[keys] = shape
        return shape


class _JoinedLetters(dict[tuple[str, ...], str]):
    """For the letters of a row: one string of them."""

    def __missing__(self, letters: tuple[str, ...]) -> str:
        self[letters] = joined = "".join(letters)
        return joined
