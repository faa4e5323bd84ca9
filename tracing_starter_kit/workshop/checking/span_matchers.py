"""Matchers that select spans, each with a label for sentences.

Example:
    in_function("price_order")              # by its place in the code, or its name
    request_to("POST /orders")              # the server span of a route
    call_to("/costs/")                      # an HTTP call
    query("prices")                         # a database query on a table
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tracing_starter_kit.traces.spans import Span


@dataclass(frozen=True)
class SpanMatcher:
    """A kind of span.

    Attributes:
        label: Stands in sentences, as in "the query is missing".
        matches: Tells whether a span is of the kind.
        may_match: Tells so of a span that names neither function nor file. It counts
            if no span of the trace matches, and all such spans have the same name.
    """

    label: str
    matches: Callable[[Span], bool]
    may_match: Callable[[Span], bool] = lambda _: False


def in_function(function: str) -> SpanMatcher:
    """Match spans made by hand that lead to a function, or are named after it."""
    return SpanMatcher(
        f"the span for `{function}`",
        lambda span: _leads_into(span, function) or _is_named(span, function),
        _is_without_place,
    )


def _leads_into(span: Span, function: str) -> bool:
    """Tell whether a span is of a function, or of a function defined inside it."""
    names = str(span.attributes.get("code.function.name", "")).split(".")
    return span.kind == "INTERNAL" and function in names


def _is_without_place(span: Span) -> bool:
    """Tell whether the plain API made a span by hand, under any name."""
    is_by_hand = span.kind in ("INTERNAL", "CONSUMER")
    return is_by_hand and "code.function.name" not in span.attributes


def _is_named(span: Span, function: str) -> bool:
    """Tell whether a span's name contains the function's name as a whole word.

    A span of the plain API has no `code.*`. Its kind may be any: `run` may well be a
    CONSUMER. "prune" does not contain the word "run".
    """
    name = span.name.replace(" ", "_")
    return re.search(rf"(?<![^\W_]){function}(?![^\W_])", name) is not None


def request_to(route: str) -> SpanMatcher:
    """Match server spans of a route, such as "POST /orders"."""
    return SpanMatcher(
        f"the request's span `{route}`",
        lambda span: span.kind == "SERVER" and span.name == route,
    )


def call_to(path: str) -> SpanMatcher:
    """Match client spans of HTTP calls to a path."""
    return SpanMatcher(
        f"the call to `{path}`",
        lambda span: (
            span.kind == "CLIENT" and path in _first(span, "url.full", "http.url")
        ),
    )


def query(table: str) -> SpanMatcher:
    """Match client spans of database queries that name a table in their text."""
    return SpanMatcher(
        f"the query on `{table}`",
        lambda span: (
            span.kind == "CLIENT"
            and table in _first(span, "db.query.text", "db.statement")
        ),
    )


def _first(span: Span, *keys: str) -> str:
    """Return the first of these attributes; contrib still uses old names, too."""
    return next((str(span.attributes[k]) for k in keys if k in span.attributes), "")
