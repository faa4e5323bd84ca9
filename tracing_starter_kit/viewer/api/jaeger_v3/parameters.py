"""Parameters of /api/v3, in camelCase or by their older names."""

from __future__ import annotations

from starlette.datastructures import QueryParams

from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.parameters import first, parse_bool, parse_text_map
from tracing_starter_kit.viewer.query.filters import (
    BadParameterError,
    Filters,
    check_order,
    parse_duration,
    parse_limit,
    parse_rfc3339,
)

MIN, MAX = "query.startTimeMin", "query.startTimeMax"


def search_filters(query: QueryParams) -> Filters:
    """Parse the filters of /traces and /trace-summaries; the times are required."""
    _refuse_expression(query)
    start_ns = _time(query, MIN, "query.start_time_min")
    end_ns = _time(query, MAX, "query.start_time_max")
    if start_ns is None or end_ns is None:
        raise AnswerError(400, f"{MIN} and {MAX} are required")
    if start_ns >= end_ns:
        raise AnswerError(400, f"{MIN} must be before {MAX}")
    shortest = _duration(query, "query.durationMin", "query.duration_min")
    # 0s is no bound, as in Jaeger.
    longest = _duration(query, "query.durationMax", "query.duration_max") or None
    wants_raw(query)  # a summary is the same either way, but the value is checked
    check_order("query.durationMin", shortest, "query.durationMax", longest)
    return Filters(
        service=first(query, "query.serviceName", "query.service_name")[1],
        operation=first(query, "query.operationName", "query.operation_name")[1],
        attributes=parse_text_map(*first(query, "query.attributes")),
        min_duration_ns=shortest,
        max_duration_ns=longest,
        start_ns=start_ns,
        end_ns=end_ns,
        limit=_depth(query),
    )


def wants_raw(query: QueryParams) -> bool:
    """Tell whether the client wants the spans unadjusted, by any of four names."""
    names = "query.rawTraces", "query.raw_traces", "rawTraces", "raw_traces"
    return parse_bool(*first(query, *names))


def time_range(query: QueryParams) -> tuple[int | None, int | None]:
    """Parse the optional times of one trace or of the dependencies."""
    return _time(query, "startTime", "start_time"), _time(query, "endTime", "end_time")


def _refuse_expression(query: QueryParams) -> None:
    """Refuse Jaeger's structured filter, which is experimental and off there, too."""
    if query.get("query.filter"):
        problem = "structured filters are not supported; use query.attributes"
        raise BadParameterError("query.filter", problem)


def _depth(query: QueryParams) -> int:
    names = "query.searchDepth", "query.search_depth", "query.num_traces"
    name, text = first(query, *names)
    return parse_limit(name, text or "100")


def _time(query: QueryParams, *names: str) -> int | None:
    name, text = first(query, *names)
    return parse_rfc3339(name, text) if text else None


def _duration(query: QueryParams, *names: str) -> int | None:
    name, text = first(query, *names)
    return parse_duration(name, text) if text else None
