"""Jaeger's old JSON API, /api: undocumented, but Grafana still needs it.

Not here: /api/deep-dependencies and /api/quality-metrics, which Jaeger itself fills
with samples. /api/metrics and /api/archive answer 501, as a Jaeger without them does.
"""

from __future__ import annotations

import time

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import answer, reading
from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.ids import parse_trace_id, short_trace_hex
from tracing_starter_kit.viewer.api.jaeger_v1.parameters import (
    dependency_times,
    search_filters,
    trace_times,
    wants_raw,
)
from tracing_starter_kit.viewer.api.jaeger_v1.traces_json import envelope, traces_json
from tracing_starter_kit.viewer.api.parameters import parse_kind
from tracing_starter_kit.viewer.query.adjust import adjust
from tracing_starter_kit.viewer.query.dependencies import dependencies
from tracing_starter_kit.viewer.query.records import SpanSet, kind_name
from tracing_starter_kit.viewer.query.search import find_traces
from tracing_starter_kit.viewer.query.services import operations, services
from tracing_starter_kit.viewer.query.traces import read_traces

NOT_FOUND = "trace not found"


def get_services(request: Request) -> Response:
    """GET /api/services."""
    with reading(request) as cursor:
        names = services(cursor)
    return _envelope(request, names, total=len(names))


def get_operation_names(request: Request) -> Response:
    """GET /api/services/{service}/operations."""
    with reading(request) as cursor:
        pairs = operations(cursor, request.path_params["service"])
    names = list(dict.fromkeys(name for name, _ in pairs))
    return _envelope(request, names, total=len(names))


def get_operations(request: Request) -> Response:
    """GET /api/operations."""
    query = request.query_params
    service = query.get("service") or _required("service")
    with reading(request) as cursor:
        pairs = operations(cursor, service, kind=parse_kind(query.get("spanKind", "")))
    rows = [
        {"name": name, "spanKind": kind_name(kind).lower() if kind else ""}
        for name, kind in pairs
    ]
    return _envelope(request, rows, total=len(rows))


def find(request: Request) -> Response:
    """GET /api/traces: the traces with these ids, else those of a search."""
    query = request.query_params
    requested_ids = [parse_trace_id(text) for text in query.getlist("traceID")]
    filters = search_filters(query, now_ns=time.time_ns())  # checked beside ids, too
    wants_raw(query)
    with reading(request) as cursor:
        trace_ids = requested_ids or find_traces(cursor, filters)
        span_set = read_traces(cursor, trace_ids)
    present_ids = {span.trace_id for span in span_set.spans}
    missing = [
        {"msg": NOT_FOUND, "traceID": short_trace_hex(trace_id)}
        for trace_id in requested_ids
        if trace_id not in present_ids
    ]
    return _envelope(request, _traces(query, span_set), errors=missing or None)


def get_trace(request: Request) -> Response:
    """GET /api/traces/{trace_id}; the times are hints, and exclude no span."""
    trace_id = parse_trace_id(request.path_params["trace_id"])
    trace_times(request.query_params)
    with reading(request) as cursor:
        span_set = read_traces(cursor, [trace_id])
    if not span_set.spans:
        raise AnswerError(404, NOT_FOUND)
    return _envelope(request, _traces(request.query_params, span_set))


def get_dependencies(request: Request) -> Response:
    """GET /api/dependencies."""
    query = request.query_params
    start_ns, end_ns = dependency_times(query, now_ns=time.time_ns())
    service = query.get("service")
    with reading(request) as cursor:
        edges = dependencies(cursor, start_ns=start_ns, end_ns=end_ns)
    calls = [
        {"parent": d.parent, "child": d.child, "callCount": d.call_count}
        for d in edges
        if not service or service in (d.parent, d.child)
    ]
    return _envelope(request, calls)


def no_metrics(request: Request) -> Response:
    """GET /api/metrics/…: the viewer stores no metrics."""
    raise AnswerError(501, "metrics querying is disabled: the viewer keeps no metrics")


def no_archive(request: Request) -> Response:
    """POST /api/archive/{trace_id}: the viewer has no archive."""
    raise AnswerError(501, "archiving is disabled: the viewer has no archive storage")


def _traces(query: QueryParams, span_set: SpanSet) -> list[dict[str, object]]:
    return traces_json(span_set if wants_raw(query) else adjust(span_set))


def _envelope(
    request: Request, data: object, *, total: int = 0, errors: object = None
) -> Response:
    pretty = request.query_params.get("prettyPrint", "false") not in {"", "false"}
    return answer(envelope(data, total=total, errors=errors), pretty=pretty)


def _required(name: str) -> str:
    raise AnswerError(400, f"parameter '{name}' is required")


ROUTES = [
    Route("/api/services", get_services),
    Route("/api/services/{service:path}/operations", get_operation_names),
    Route("/api/operations", get_operations),
    Route("/api/traces", find),
    Route("/api/traces/{trace_id:path}", get_trace),  # base64 may have a slash
    Route("/api/dependencies", get_dependencies),
    Route("/api/metrics/{rest:path}", no_metrics),
    Route("/api/archive/{trace_id:path}", no_archive, methods=["POST"]),
]
