"""Which span is meant: a label for sentences, and how to recognise it.

in_function("shop.py", "price_order")   # by its place in the code, or its name
named("deliver_receipt")       # by its name
request_to("POST /orders")     # the server span of a route
query("prices")                # a database query on a table
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tracing_starter_kit.traces.spans import Span


@dataclass(frozen=True)
class SpanMatcher:
    """A kind of span: `label` stands in sentences, as in "`price_order` is missing"."""

    label: str
    matches: Callable[[Span], bool]


def named(name: str, label: str | None = None) -> SpanMatcher:
    """Return spans of this very name."""
    return SpanMatcher(label or f"the span `{name}`", lambda span: span.name == name)


def in_function(file: str, function: str) -> SpanMatcher:
    """Return spans made by hand that lead to a function, or are named after it."""
    return SpanMatcher(
        f"a span for `{function}`",
        lambda span: _leads_into(span, file, function) or _is_named(span, function),
    )


def _leads_into(span: Span, file: str, function: str) -> bool:
    """Tell whether a span is of a function, or of one that is defined in it."""
    place = str(span.attributes.get("code.function.name", "")).split(".")
    path = str(span.attributes.get("code.file.path", ""))
    return span.kind == "INTERNAL" and function in place and path.endswith(file)


def _is_named(span: Span, function: str) -> bool:
    """Tell whether a span has the function's name: one of the plain API has no place.

    Whatever its kind: `run`, say, may well be a CONSUMER. "prune" is no "run".
    """
    name = span.name.replace(" ", "_")
    return re.search(rf"(?<![^\W_]){function}(?![^\W_])", name) is not None


def request_to(route: str) -> SpanMatcher:
    """Return server spans of a route, such as "POST /orders"."""
    return SpanMatcher(
        f"the request's span `{route}`",
        lambda span: span.kind == "SERVER" and span.name == route,
    )


def call_to(path: str) -> SpanMatcher:
    """Return client spans of HTTP calls to a path."""
    return SpanMatcher(
        f"the call of `{path}`",
        lambda span: (
            span.kind == "CLIENT" and path in _first(span, "url.full", "http.url")
        ),
    )


def query(table: str) -> SpanMatcher:
    """Return client spans of database queries whose text names a table."""
    return SpanMatcher(
        f"the query on `{table}`",
        lambda span: (
            span.kind == "CLIENT"
            and table in _first(span, "db.query.text", "db.statement")
        ),
    )


def _first(span: Span, *keys: str) -> str:
    """Return the first attribute that is there: contrib still has old names too."""
    return next((str(span.attributes[k]) for k in keys if k in span.attributes), "")
