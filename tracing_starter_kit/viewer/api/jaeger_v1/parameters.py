"""Parameters of the old API: times in microseconds, for dependencies milliseconds."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.parameters import parse_bool, parse_text_map
from tracing_starter_kit.viewer.query.filters import (
    MICROSECOND,
    MILLISECOND,
    SECOND,
    BadParameterError,
    Filters,
    check_order,
    parse_duration,
    parse_epoch,
    parse_limit,
)

DAY = 24 * 3600 * SECOND


def search_filters(query: QueryParams, *, now_ns: int) -> Filters:
    """Parse a search; the default times are the last two days.

    As in Jaeger, a trace id makes the service optional, and maxDuration=0s is no bound.
    """
    service = query.get("service", "")
    if not service and not query.get("traceID"):
        raise AnswerError(400, "parameter 'service' is required")
    shortest = _duration(query, "minDuration")
    longest = _duration(query, "maxDuration") or None
    check_order("minDuration", shortest, "maxDuration", longest)
    start_ns, end_ns = trace_times(query)
    return Filters(
        service=service,
        operation=query.get("operation", ""),
        attributes=(
            *map(_tag, query.getlist("tag")),
            *(pair for text in query.getlist("tags") for pair in _tags(text)),
        ),
        min_duration_ns=shortest,
        max_duration_ns=longest,
        start_ns=now_ns - 2 * DAY if start_ns is None else start_ns,
        end_ns=now_ns if end_ns is None else end_ns,
        limit=parse_limit("limit", query.get("limit") or "100"),
    )


def trace_times(query: QueryParams) -> tuple[int | None, int | None]:
    """Parse start and end in microseconds."""
    return _time(query, "start"), _time(query, "end")


def dependency_times(query: QueryParams, *, now_ns: int) -> tuple[int, int]:
    """Parse endTs and lookback; the default is the last day."""
    end, lookback = query.get("endTs"), query.get("lookback")
    end_ns = parse_epoch("endTs", end, unit=MILLISECOND) if end else now_ns
    length = parse_epoch("lookback", lookback, unit=MILLISECOND) if lookback else DAY
    return end_ns - length, end_ns


def wants_raw(query: QueryParams) -> bool:
    """Tell whether the client wants the spans unadjusted."""
    return parse_bool("raw", query.get("raw", ""))


def _tag(text: str) -> tuple[str, str]:
    key, colon, value = text.partition(":")
    if not colon:
        raise BadParameterError("tag", f"{text!r} is not of the form key:value")
    return key, value


def _tags(text: str) -> tuple[tuple[str, str], ...]:
    return parse_text_map("tags", text)


def _time(query: QueryParams, name: str) -> int | None:
    text = query.get(name)
    return parse_epoch(name, text, unit=MICROSECOND) if text else None


def _duration(query: QueryParams, name: str) -> int | None:
    text = query.get(name)
    return parse_duration(name, text) if text else None
