"""Columns of attribute maps: raw attributes go in, keys, values and letters come out.

    columns = attribute_columns([span.attributes for span in spans])

Spans of one kind have the same keys in the same order, their shape: it is looked at
once, for keys that are there twice and for each key's place in the column's dictionary.
"""

from array import array
from collections.abc import Iterable, Sequence

from tracing_starter_kit.viewer.store.rows.attribute_cache import Entry, known
from tracing_starter_kit.viewer.store.rows.columns import (
    Column,
    dictionary_text,
    maps,
    text,
)

__all__ = ["attribute_columns", "entry_columns"]


def attribute_columns(rows: Iterable[Iterable[bytes]]) -> list[Column]:
    """Return `attributes` and `attribute_types` for rows of attributes as bytes."""
    look_up = known.__getitem__
    return entry_columns([*map(look_up, row)] for row in rows)


def entry_columns(rows: Iterable[Sequence[Entry]]) -> list[Column]:
    """Return the same two columns for rows of (key, letter, text).

    Of a key that a row has twice the last one counts.
    """
    shapes, types_of = _Shapes(), _Joined()
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
        types.append(types_of[letters])
        ends.append(len(values))
    key_column = dictionary_text("key", keys, [*shapes.numbers])
    return [
        maps("attributes", ends, key_column, text("value", values)),
        text("attribute_types", types),
    ]


class _Shapes(dict[tuple[str, ...], "array[int]"]):
    """By a row's keys: their numbers, each key once."""

    def __init__(self) -> None:
        super().__init__()
        self.numbers: dict[str, int] = {}

    def __missing__(self, keys: tuple[str, ...]) -> "array[int]":
        seen = self.numbers
        found = [seen.setdefault(key, len(seen)) for key in dict.fromkeys(keys)]
        self[keys] = shape = array("i", found)
        return shape


class _Joined(dict[tuple[str, ...], str]):
    """By a row's letters: them as one string."""

    def __missing__(self, letters: tuple[str, ...]) -> str:
        self[letters] = joined = "".join(letters)
        return joined
