"""A column of attribute maps: raw attributes go in, keys, values and letters come out.

    maps = AttributeMaps()
    maps.add(span.attributes)                 # bytes, see viewer.model.messages
    columns = maps.columns()                  # attributes, attribute_types

Spans of one kind have the same keys in the same order, their shape: it is looked at
once, for keys that are there twice and for each key's place in the column's dictionary.
"""

from array import array
from collections.abc import Iterable, Sequence

from viewer.store.columns import Column, dictionary_text, maps, text
from viewer.store.known_attributes import Entry, known

__all__ = ["AttributeMaps"]


class AttributeMaps:
    """The attributes of many rows, as flat lists and where each row ends in them."""

    def __init__(self) -> None:
        self._shapes = _Shapes()
        self._letters = _Joined()
        self._keys = array("i")
        self._values: list[str] = []
        self._ends = array("i", [0])
        self._types: list[str] = []

    def add(self, attributes: Iterable[bytes]) -> None:
        """Add a row's attributes; of a key that is there twice the last one counts."""
        self.add_entries([*map(known.__getitem__, attributes)])

    def add_entries(self, entries: Sequence[Entry]) -> None:
        """Add a row of (key, letter, text)."""
        keys, letters, values = zip(*entries, strict=True) if entries else ((), (), ())
        shape = self._shapes[keys]
        if len(shape) < len(keys):
            unique = {entry[0]: entry for entry in entries}
            return self.add_entries([*unique.values()])
        self._keys.extend(shape)
        self._values += values
        self._types.append(self._letters[letters])
        self._ends.append(len(self._values))
        return None

    def columns(self) -> list[Column]:
        """Return the two columns, `attributes` and `attribute_types`."""
        keys = dictionary_text("key", self._keys, [*self._shapes.keys_seen])
        return [
            maps("attributes", self._ends, keys, text("value", self._values)),
            text("attribute_types", self._types),
        ]


class _Shapes(dict[tuple[str, ...], "array[int]"]):
    """By a row's keys: their numbers, each once."""

    def __init__(self) -> None:
        super().__init__()
        self.keys_seen: dict[str, int] = {}

    def __missing__(self, keys: tuple[str, ...]) -> "array[int]":
        seen = self.keys_seen
        unique = dict.fromkeys(keys)
        found = array("i", [seen.setdefault(key, len(seen)) for key in unique])
        self[keys] = found
        return found


class _Joined(dict[tuple[str, ...], str]):
    def __missing__(self, letters: tuple[str, ...]) -> str:
        self[letters] = found = "".join(letters)
        return found
