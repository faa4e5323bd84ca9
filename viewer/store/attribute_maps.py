"""A column of attribute maps: raw attributes go in, keys, values and letters come out.

    maps = AttributeMaps()
    maps.add(span.attributes)                 # bytes, see viewer.model.messages
    columns = maps.columns()                  # attributes, attribute_types

Most attributes are the same in many spans, so each distinct one is decoded once.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import Final

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

from viewer.model.attributes import encode
from viewer.store.columns import Column, maps, text

__all__ = ["AttributeMaps"]

MOST_KNOWN: Final = 50_000  # distinct attributes remembered, at most about 15 MB
LONGEST_KNOWN: Final = 200  # bytes; what is longer is seldom seen again


class _Known(dict[bytes, tuple[str, str, str]]):
    """Key, letter and text of each attribute seen, by its bytes."""

    def __missing__(self, raw: bytes) -> tuple[str, str, str]:
        pair = KeyValue.FromString(raw)
        found = (pair.key, *encode(pair.value))
        if len(raw) <= LONGEST_KNOWN:
            if len(self) >= MOST_KNOWN:
                self.clear()
            self[raw] = found
        return found


_known: Final = _Known()


class AttributeMaps:
    """The attributes of many rows, as flat lists and where each row ends in them."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._values: list[str] = []
        self._ends = array("i", [0])
        self._types: list[str] = []

    def add(self, attributes: Sequence[bytes]) -> None:
        """Add a row's attributes; of a key that is there twice the last one counts."""
        found = [*map(_known.__getitem__, attributes)]
        if len({entry[0] for entry in found}) < len(found):
            found = [*{entry[0]: entry for entry in found}.values()]
        self.add_encoded(found)

    def add_encoded(self, entries: Iterable[tuple[str, str, str]]) -> None:
        """Add a row of (key, letter, text), each key once."""
        keys, letters, values = zip(*entries, strict=True) if entries else ((), (), ())
        self._keys += keys
        self._values += values
        self._types.append("".join(letters))
        self._ends.append(len(self._keys))

    def columns(self) -> list[Column]:
        """Return the two columns, `attributes` and `attribute_types`."""
        return [
            maps("attributes", self._ends, self._keys, self._values),
            text("attribute_types", self._types),
        ]
