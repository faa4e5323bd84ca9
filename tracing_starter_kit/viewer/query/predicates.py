"""Filters as SQL: conditions on one row of `spans`, joined by AND.

    where, parameters = conditions(Filters(service="billing", errors=True))

All values are bound parameters, never part of the SQL. As in Jaeger, an attribute may
be on the span, its resource, its scope, its events or its links, and a few keys such as
`error` stand for the span's own fields.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tracing_starter_kit.viewer.query.filters import Filters
from tracing_starter_kit.viewer.query.records import ERROR, KINDS, STATUS_CODES

TRUE = {"1", "t", "T", "TRUE", "true", "True"}
FALSE = {"0", "f", "F", "FALSE", "false", "False"}

ANYWHERE = """(
    attributes[{key}] = {value}
    OR resource_id IN (
        SELECT resource_id FROM resources WHERE attributes[{key}] = {value})
    OR scope_id IN (SELECT scope_id FROM scopes WHERE attributes[{key}] = {value})
    OR len(list_filter(events, lambda event: event.attributes[{key}] = {value})) > 0
    OR len(list_filter(links, lambda link: link.attributes[{key}] = {value})) > 0)"""

# chr(31) is the unit separator: it stops a word from matching across two values.
TEXT_ANYWHERE = """(
    contains(lower(service), {value})
    OR contains(lower(name), {value})
    OR contains(lower(status_message), {value})
    OR contains(lower(array_to_string(map_values(attributes), chr(31))), {value})
    OR resource_id IN (SELECT resource_id FROM resources WHERE contains(
        lower(array_to_string(map_values(attributes), chr(31))), {value}))
    OR len(list_filter(events, lambda event: contains(lower(event.name), {value})
        OR contains(lower(array_to_string(map_values(event.attributes), chr(31))),
                    {value}))) > 0)"""

# A word in the form of a trace id is one, or another id of the same form.
TRACE_ID = re.compile("[0-9a-fA-F]{32}")
TRACE_ID_OR_TEXT = f"(trace_id = {{key}}::UUID OR {TEXT_ANYWHERE})"

RESOURCE = """resource_id IN (
    SELECT resource_id FROM resources WHERE attributes[{key}] = {value})"""

SCOPE_FIELD = "scope_id IN (SELECT scope_id FROM scopes WHERE {field} = {{value}})"


class Condition(NamedTuple):
    """One SQL condition, with placeholders for the names of its bound values."""

    sql: str
    value: object
    key: str = ""


def conditions(filters: Filters) -> tuple[str, dict[str, object]]:
    """Return the SQL after WHERE, and the values to bind."""
    parts: list[str] = []
    parameters: dict[str, object] = {}
    for number, condition in enumerate(_conditions(filters)):
        names = {"value": f"value{number}", "key": f"key{number}"}
        parts.append(condition.sql.format(**{k: f"${v}" for k, v in names.items()}))
        parameters[names["value"]] = condition.value
        if "{key}" in condition.sql:
            parameters[names["key"]] = condition.key
    return " AND ".join(parts) or "true", parameters


def _conditions(filters: Filters) -> Iterator[Condition]:
    bounds = (
        ("service = {value}", filters.service or None),
        ("name = {value}", filters.operation or None),
        ("start_ns >= {value}", filters.start_ns),
        ("start_ns < {value}", filters.end_ns),
        ("end_ns - start_ns >= {value}", filters.min_duration_ns),
        ("end_ns - start_ns <= {value}", filters.max_duration_ns),
        ("status_code = {value}", ERROR if filters.errors else None),
    )
    yield from (Condition(sql, value) for sql, value in bounds if value is not None)
    yield from (_attribute(key, value) for key, value in filters.attributes)
    yield from (_word(word) for word in filters.words)


def _attribute(key: str, value: str) -> Condition:
    if special := SPECIAL_KEYS.get(key):
        return special(value)
    if key.startswith("resource."):
        return Condition(RESOURCE, value, key.removeprefix("resource."))
    return Condition(ANYWHERE, value, key)


def _error(value: str) -> Condition:
    if value in TRUE:
        return Condition("status_code = {value}", ERROR)
    if value in FALSE:
        return Condition("status_code <> {value}", ERROR)
    return Condition("{value}", value=False)  # neither: no match, as in Jaeger


def _code_of(name: str, names: tuple[str, ...]) -> int:
    return names.index(name.upper()) if name.upper() in names else 0


SPECIAL_KEYS: dict[str, Callable[[str], Condition]] = {
    "error": _error,
    "span.status": lambda value: Condition(
        "status_code = {value}", _code_of(value, STATUS_CODES)
    ),
    "span.kind": lambda value: Condition("kind = {value}", _code_of(value, KINDS)),
    "scope.name": lambda value: Condition(SCOPE_FIELD.format(field="name"), value),
    "scope.version": lambda value: Condition(
        SCOPE_FIELD.format(field="version"), value
    ),
}


def _word(word: str) -> Condition:
    if TRACE_ID.fullmatch(word):
        return Condition(TRACE_ID_OR_TEXT, word.lower(), word)
    return Condition(TEXT_ANYWHERE, word.lower())
