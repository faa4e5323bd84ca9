"""Reading parameters that Jaeger's two API generations have in common."""

from __future__ import annotations

import json

from starlette.datastructures import QueryParams

from tracing_starter_kit.viewer.query.filters import BadParameterError
from tracing_starter_kit.viewer.query.predicates import FALSE, TRUE
from tracing_starter_kit.viewer.query.records import KINDS

NO_KIND = 255


def first(query: QueryParams, *names: str) -> tuple[str, str]:
    """Return the first of some names that has a value, and that value or ""."""
    return next(
        ((name, query[name]) for name in names if query.get(name)), (names[0], "")
    )


def parse_bool(name: str, text: str) -> bool:
    """Read a boolean as Go does; nothing is false."""
    if text not in {"", *TRUE, *FALSE}:
        raise BadParameterError(name, f"{text!r} is not true or false")
    return text in TRUE


def parse_text_map(name: str, text: str) -> tuple[tuple[str, str], ...]:
    """Read a JSON object of strings."""
    try:
        found = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        raise BadParameterError(name, f"{text!r} is not JSON") from None
    texts = isinstance(found, dict) and all(isinstance(v, str) for v in found.values())
    if not texts:
        raise BadParameterError(name, f'{text!r} is not of the form {{"key": "value"}}')
    pairs = tuple(found.items())
    if any(not _is_text(part) for pair in pairs for part in pair):
        raise BadParameterError(name, "has half of a surrogate pair")
    return pairs


def _is_text(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parse_kind(text: str) -> int | None:
    """Read a span kind's name; one that does not exist is no span's kind."""
    if not text:
        return None
    return KINDS.index(text.upper()) if text.upper() in KINDS else NO_KIND
