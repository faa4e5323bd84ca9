"""Attributes in the shape of the page's own API: key, type, value and group."""

from __future__ import annotations

from typing import Literal

from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.api.values_json import value_json
from tracing_starter_kit.viewer.model.namespaces import group_of
from tracing_starter_kit.viewer.query.records import Attributes

Type = Literal["string", "bool", "int", "double", "bytes", "array", "map", "empty"]

TYPES: dict[str, Type] = {
    "s": "string",
    "b": "bool",
    "i": "int",
    "d": "double",
    "y": "bytes",
    "a": "array",
    "A": "array",
    "m": "map",
    "M": "map",
}


def attributes_json(attributes: Attributes) -> list[shapes.Attribute]:
    """Return attributes in the order in which the sender set them."""
    return [
        {
            "key": attribute.key,
            "type": TYPES.get(attribute.letter, "empty"),
            "value": value_json(attribute),
            "group": group_of(attribute.key),
        }
        for attribute in attributes
    ]
