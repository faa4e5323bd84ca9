"""Parsing of parameters for both generations of Jaeger's API."""

from __future__ import annotations

import json
from typing import TypeGuard

from starlette.datastructures import QueryParams

from tracing_starter_kit.viewer.model.json_keys import is_encodable
from tracing_starter_kit.viewer.query.filters import BadParameterError
from tracing_starter_kit.viewer.query.predicates import FALSE, TRUE
from tracing_starter_kit.viewer.query.records import KINDS

NO_KIND = 255


def first(query: QueryParams, *names: str) -> tuple[str, str]:
    """Return the first name with a value, and the value; else the first name and ""."""
    return next(
        ((name, query[name]) for name in names if query.get(name)), (names[0], "")
    )


def parse_bool(name: str, text: str) -> bool:
    """Parse a boolean as Go does; the empty text is false."""
    if text not in {"", *TRUE, *FALSE}:
        raise BadParameterError(name, f"{text!r} is not true or false")
    return text in TRUE


def parse_text_map(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """Parse a JSON object of strings."""
    try:
        values = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise BadParameterError(name, f"{text!r} is not JSON") from None
    if not _is_text_map(values):
        raise BadParameterError(name, f'{text!r} is not of the form {{"key": "value"}}')
    pairs = tuple(values.items())
    if not all(is_encodable(part) for pair in pairs for part in pair):
        raise BadParameterError(name, "has half of a surrogate pair")
    return pairs


def _is_text_map(value: object) -> TypeGuard[dict[str, str]]:
    return isinstance(value, dict) and all(isinstance(v, str) for v in value.values())


def parse_kind(text: str) -> int | None:
    """Parse a span kind's name; an unknown name becomes a kind that no span has."""
    if not text:
        return None
    return KINDS.index(text.upper()) if text.upper() in KINDS else NO_KIND
