"""The filters of the page's own API, from a request's parameters."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from tracing_starter_kit.viewer.query.filters import (
    MICROSECOND,
    BadParameterError,
    Filters,
    check_order,
    parse_duration,
    parse_epoch,
    parse_limit,
    parse_words,
)

DEFAULT_LIMIT = "50"


def explore_filters(query: QueryParams) -> Filters:
    """Parse the filters that `shapes`, beside this, describes."""
    words, attributes = parse_words(query.get("q", ""))
    filters = Filters(
        service=query.get("service", ""),
        operation=query.get("operation", ""),
        attributes=(*attributes, *map(_attribute, query.getlist("attribute"))),
        words=words,
        errors=query.get("errors", "") in {"1", "true"},
        min_duration_ns=_duration(query, "minDuration"),
        max_duration_ns=_duration(query, "maxDuration"),
        start_ns=_time(query, "start"),
        end_ns=_time(query, "end"),
        limit=parse_limit("limit", query.get("limit") or DEFAULT_LIMIT),
    )
    shortest, longest = filters.min_duration_ns, filters.max_duration_ns
    check_order("minDuration", shortest, "maxDuration", longest)
    check_order("start", filters.start_ns, "end", filters.end_ns)
    return filters


def _attribute(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise BadParameterError("attribute", f"{text!r} is not of the form KEY=VALUE")
    return key, value


def _duration(query: QueryParams, name: str) -> int | None:
    return parse_duration(name, query[name]) if query.get(name) else None


def _time(query: QueryParams, name: str) -> int | None:
    text = query.get(name)
    return parse_epoch(name, text, unit=MICROSECOND) if text else None
