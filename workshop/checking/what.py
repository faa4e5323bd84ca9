"""Which span is meant: a label for sentences, and how to recognise it.

in_function("shop.py", "price_order")   # by its place in the code, or its name
named("deliver_receipt")       # by its name
request_to("POST /orders")     # the server span of a route
query("prices")                # a database query on a table
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kit.trace import Span


@dataclass(frozen=True)
class What:
    """A kind of span: `label` stands in sentences, as in "`price_order` is missing"."""

    label: str
    matches: Callable[[Span], bool]


def named(name: str, label: str | None = None) -> What:
    """Return spans of this very name."""
    return What(label or f"the span `{name}`", lambda span: span.name == name)


def in_function(file: str, function: str) -> What:
    """Return spans made by hand that lead to a function, or are named after it."""
    return What(
        f"a span for `{function}`",
        lambda span: span.kind == "INTERNAL" and _is_in(span, file, function),
    )


def _is_in(span: Span, file: str, function: str) -> bool:
    place = str(span.attributes.get("code.function.name", ""))
    path = str(span.attributes.get("code.file.path", ""))
    leads_there = place.rpartition(".")[2] == function and path.endswith(file)
    # A span of the plain API says no place: by its name it is found, to say so.
    return leads_there or function in span.name.replace(" ", "_")


def request_to(route: str) -> What:
    """Return server spans of a route, such as "POST /orders"."""
    return What(
        f"the request's span `{route}`",
        lambda span: span.kind == "SERVER" and span.name == route,
    )


def call_to(path: str) -> What:
    """Return client spans of HTTP calls to a path."""
    return What(
        f"the call of `{path}`",
        lambda span: (
            span.kind == "CLIENT" and path in _first(span, "url.full", "http.url")
        ),
    )


def query(table: str) -> What:
    """Return client spans of database queries whose text names a table."""
    return What(
        f"the query on `{table}`",
        lambda span: (
            span.kind == "CLIENT"
            and table in _first(span, "db.query.text", "db.statement")
        ),
    )


def _first(span: Span, *keys: str) -> str:
    """Return the first attribute that is there: contrib still has old names too."""
    return next((str(span.attributes[k]) for k in keys if k in span.attributes), "")
