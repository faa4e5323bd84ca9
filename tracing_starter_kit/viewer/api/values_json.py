"""Attribute values as JSON that JavaScript reads without loss."""

from __future__ import annotations

import base64
import json
import math
from typing import cast

from tracing_starter_kit.viewer.model.attributes import decode
from tracing_starter_kit.viewer.query.records import Attribute

SAFE_INTEGER = 2**53 - 1  # beyond it JavaScript's numbers lose digits

Value = str | int | float | bool | list[object] | dict[str, object] | None


def value_json(attribute: Attribute) -> Value:
    """Return a value: bytes as base64, numbers beyond JSON as text."""
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
