"""Jaeger's stable query API, /api/v3, for Jaeger's page and for Grafana.

Beside Jaeger's own five addresses there is /api/v3/dependencies, which its
specification lists, but its gateway lacks.
"""

from __future__ import annotations

import time

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import answer, reading
from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.ids import parse_trace_id
from tracing_starter_kit.viewer.api.jaeger_v3.otlp_json import resource_spans
from tracing_starter_kit.viewer.api.jaeger_v3.parameters import (
    search_filters,
    time_range,
    wants_raw,
)
from tracing_starter_kit.viewer.api.parameters import first, parse_kind
from tracing_starter_kit.viewer.query.adjust import adjust
from tracing_starter_kit.viewer.query.dependencies import dependencies
from tracing_starter_kit.viewer.query.records import INTERNAL, SpanSet, kind_name
from tracing_starter_kit.viewer.query.search import find_traces
from tracing_starter_kit.viewer.query.services import operations, services
from tracing_starter_kit.viewer.query.summaries import TraceSummary, summarize
from tracing_starter_kit.viewer.query.traces import read_traces

NO_TRACES = "No traces found"


def get_services(request: Request) -> Response:
    """GET /api/v3/services."""
    with reading(request) as cursor:
        return answer({"services": services(cursor)})


def get_operations(request: Request) -> Response:
    """GET /api/v3/operations; a span without a kind counts as internal."""
    query = request.query_params
    kind = parse_kind(first(query, "spanKind", "span_kind")[1])
    with reading(request) as cursor:
        pairs = operations(cursor, query.get("service", ""), kind=kind)
    unique = dict.fromkeys((name, _kind_word(kind)) for name, kind in pairs)
    rows = [{"name": name, "spanKind": word} for name, word in unique]
    return answer({"operations": rows})


def find(request: Request) -> Response:
    """GET /api/v3/traces."""
    filters = search_filters(request.query_params)
    is_raw = wants_raw(request.query_params)
    with reading(request) as cursor:
        span_set = read_traces(cursor, find_traces(cursor, filters))
    return _traces(span_set, is_raw=is_raw)


def find_summaries(request: Request) -> Response:
    """GET /api/v3/trace-summaries."""
    filters = search_filters(request.query_params)
    with reading(request) as cursor:
        summaries = summarize(cursor, find_traces(cursor, filters))
    return answer({"summaries": [_summary(summary) for summary in summaries]})


def get_trace(request: Request) -> Response:
    """GET /api/v3/traces/{trace_id}; the times are hints, and exclude no span."""
    trace_id = parse_trace_id(request.path_params["trace_id"], name="trace_id")
    time_range(request.query_params)
    is_raw = wants_raw(request.query_params)
    with reading(request) as cursor:
        span_set = read_traces(cursor, [trace_id])
    return _traces(span_set, is_raw=is_raw)


def get_dependencies(request: Request) -> Response:
    """GET /api/v3/dependencies; the default is the last day."""
    start_ns, end_ns = time_range(request.query_params)
    end = time.time_ns() if end_ns is None else end_ns
    start = end - 24 * 3600 * 10**9 if start_ns is None else start_ns
    with reading(request) as cursor:
        edges = dependencies(cursor, start_ns=start, end_ns=end)
    return answer(
        {
            "dependencies": [
                {"parent": d.parent, "child": d.child, "callCount": str(d.call_count)}
                for d in edges
            ]
        }
    )


def _kind_word(kind: int) -> str:
    return kind_name(kind or INTERNAL).lower()


def _traces(span_set: SpanSet, *, is_raw: bool) -> Response:
    if not span_set.spans:
        raise AnswerError(404, NO_TRACES)
    shown = span_set if is_raw else adjust(span_set)
    return answer({"result": {"resourceSpans": resource_spans(shown)}})


def _summary(summary: TraceSummary) -> dict[str, object]:
    """Return a summary; as in Jaeger, a missing root's names are empty."""
    return {
        "traceId": summary.trace_id.hex,
        "rootServiceName": summary.entry_service if summary.has_root else "",
        "rootOperationName": summary.entry_name if summary.has_root else "",
        "minStartTimeUnixNano": str(summary.start_ns),
        "maxEndTimeUnixNano": str(summary.end_ns),
        "spanCount": summary.span_count,
        "errorSpanCount": summary.error_count,
        "orphanSpanCount": summary.orphan_count,
        "services": [
            {
                "name": service.name,
                "spanCount": service.span_count,
                "errorSpanCount": service.error_count,
            }
            for service in summary.services
        ],
    }


ROUTES = [
    Route("/api/v3/services", get_services),
    Route("/api/v3/operations", get_operations),
    Route("/api/v3/traces", find),
    Route("/api/v3/traces/{trace_id:path}", get_trace),
    Route("/api/v3/trace-summaries", find_summaries),
    Route("/api/v3/dependencies", get_dependencies),
]
