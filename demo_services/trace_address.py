"""The address of a request's trace, for its answer.

    jsonify(order, **current_trace())    # {"trace_id": "4bf9…", "trace_url": "http://…"}

Plain OpenTelemetry, which works in both modes.
"""

from __future__ import annotations

from opentelemetry import trace

from demo_services.settings import settings


def current_trace_id() -> str | None:
    """Return the id of the current trace, or None."""
    context = trace.get_current_span().get_span_context()
    return f"{context.trace_id:032x}" if context.is_valid else None


def current_trace() -> dict[str, str]:
    """Return an answer's fields about the current trace."""
    return trace_fields(current_trace_id())


def trace_fields(trace_id: str | None) -> dict[str, str]:
    """Return an answer's fields about a trace; {} without a trace."""
    if trace_id is None:
        return {}
    fields = {"trace_id": trace_id, "trace_url": _page(settings().viewer_url, trace_id)}
    if jaeger := settings().jaeger_url:
        fields["jaeger_url"] = _page(jaeger, trace_id)
    return fields


def _page(viewer: str, trace_id: str) -> str:
    """Return a trace's page, which has the same path in the viewer and in Jaeger."""
    return f"{viewer}/trace/{trace_id}"
