"""The page's own API under /api/x; `shapes`, beside this, describes its answers."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import (
    answer,
    reading,
    settings_of,
    store_of,
)
from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.explore import shapes
from tracing_starter_kit.viewer.api.explore.filters import explore_filters
from tracing_starter_kit.viewer.api.explore.span_json import span_json
from tracing_starter_kit.viewer.api.explore.summary_json import traces_json
from tracing_starter_kit.viewer.api.explore.trace_json import trace_json
from tracing_starter_kit.viewer.api.ids import parse_span_id, parse_trace_id
from tracing_starter_kit.viewer.query.filters import MICROSECOND, BadParameterError
from tracing_starter_kit.viewer.query.search import find_page
from tracing_starter_kit.viewer.query.services import services
from tracing_starter_kit.viewer.query.suggest import FIELDS, suggest
from tracing_starter_kit.viewer.query.traces import (
    read_logs,
    read_rows,
    read_span,
    trace_start,
)

DISTRIBUTION = "otel-tracing-starter-kit"


def status(request: Request) -> Response:
    """GET /api/x/status."""
    stats = store_of(request).stats()
    settings = settings_of(request)
    with reading(request) as cursor:
        names = services(cursor)
    body: shapes.Status = {
        "version": _version(),
        "spans": stats.spans,
        "bytes": stats.bytes,
        "maxBytes": stats.max_bytes,
        "removedSpans": stats.removed_spans,
        "pendingSpans": stats.pending_spans,
        "otlpHttp": f"http://{settings.host}:{settings.otlp_http_port}",
        "otlpGrpc": f"{settings.host}:{settings.otlp_grpc_port}",
        "services": names,
    }
    return answer(body)


def traces(request: Request) -> Response:
    """GET /api/x/traces."""
    filters = explore_filters(request.query_params)
    with reading(request) as cursor:
        page = find_page(cursor, filters)
        summaries = traces_json(cursor, page.trace_ids)
    # One microsecond later, for traces that began together with the last one: the next
    # page may repeat a trace, but never skips one.
    older_us = None if page.older_ns is None else page.older_ns // MICROSECOND + 1
    return answer(shapes.TracePage(traces=summaries["traces"], olderUs=older_us))


def trace(request: Request) -> Response:
    """GET /api/x/traces/{trace_id}."""
    trace_id = parse_trace_id(request.path_params["trace_id"])
    with reading(request) as cursor:
        rows = read_rows(cursor, trace_id)
    if not rows:
        raise AnswerError(404, f"No span of trace {trace_id.hex} has arrived yet.")
    return answer(trace_json(trace_id, rows))


def span(request: Request) -> Response:
    """GET /api/x/traces/{trace_id}/spans/{span_id}."""
    trace_id = parse_trace_id(request.path_params["trace_id"])
    span_id = parse_span_id(request.path_params["span_id"])
    with reading(request) as cursor:
        span_set = read_span(cursor, trace_id, span_id)
        if span_set is None:
            raise AnswerError(404, f"Trace {trace_id.hex} has no such span.")
        logs = read_logs(cursor, trace_id, span_id)
        start_ns = trace_start(cursor, trace_id)
    return answer(span_json(span_set, logs, trace_start_ns=start_ns))


def suggestions(request: Request) -> Response:
    """GET /api/x/suggest."""
    query = request.query_params
    field, key = query.get("field", ""), query.get("key", "")
    if field not in FIELDS:
        raise BadParameterError("field", f"{field!r} is not one of {', '.join(FIELDS)}")
    if field == "attribute-value" and not key:
        raise BadParameterError(
            "key", "must name the attribute whose values are suggested"
        )
    prefix, service = query.get("prefix", ""), query.get("service", "")
    with reading(request) as cursor:
        values = suggest(cursor, field, prefix=prefix, service=service, key=key)
    return answer(shapes.Suggestions(values=values))


def _version() -> str:
    try:
        return version(DISTRIBUTION)
    except PackageNotFoundError:  # runs from a folder, not installed
        return "unreleased"


ROUTES = [
    Route("/api/x/status", status),
    Route("/api/x/traces", traces),
    Route("/api/x/traces/{trace_id}", trace),
    Route("/api/x/traces/{trace_id}/spans/{span_id}", span),
    Route("/api/x/suggest", suggestions),
]
