"""Attribute values as plain JSON, that JavaScript reads without losing anything."""

from __future__ import annotations

import base64
import json
import math
from typing import Literal, cast

from viewer.api import shapes
from viewer.model.attributes import decode
from viewer.query.records import Attribute, Attributes

SAFE_INTEGER = 2**53 - 1  # beyond it JavaScript's numbers lose digits

Type = Literal["string", "bool", "int", "double", "bytes", "array", "map", "empty"]
Value = shapes.Scalar | list[object] | dict[str, object]

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
        }
        for attribute in attributes
    ]


def value_json(attribute: Attribute) -> Value:
    """Return one value: bytes as base64, numbers that JSON cannot say as text."""
    return cast("Value", _plain(decode(attribute.letter, attribute.text)))


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return json.dumps(value) if _is_beyond_json(value) else value


def _is_beyond_json(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > SAFE_INTEGER
