"""Fetch a trace from a viewer: its address and a trace id in, spans out.

    spans = fetch_trace("http://127.0.0.1:16686", trace_id)
    spans = wait_for_trace(viewer, trace_id, lambda spans: is_whole(spans, {"billing"}))

Works with any server of Jaeger's `/api/v3`, the kit's own viewer or Jaeger itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from urllib.parse import quote

from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.spans import Span, load_spans

TRACE_WITHIN = 8.0
POLL = 0.1


def fetch_trace(viewer: str, trace_id: str) -> list[Span]:
    """Return the spans that the viewer has stored so far; none for an unknown id.

    Raises:
        WebError: The viewer does not answer.
    """
    try:
        answer = web.get_json(f"{viewer}/api/v3/traces/{quote(trace_id, safe='')}")
    except web.WebError as error:
        if error.status == 404:
            return []
        raise
    return load_spans(answer)


def wait_for_trace(
    viewer: str, trace_id: str, is_complete: Callable[[Sequence[Span]], bool]
) -> list[Span]:
    """Return the spans once `is_complete` holds, or those there at the deadline.

    Raises:
        WebError: The viewer does not answer.
    """
    deadline = time.monotonic() + TRACE_WITHIN
    spans = fetch_trace(viewer, trace_id)
    while not is_complete(spans) and time.monotonic() < deadline:
        time.sleep(POLL)
        spans = fetch_trace(viewer, trace_id)
    return spans


def is_whole(spans: Sequence[Span], services: Collection[str] = ()) -> bool:
    """Tell whether every parent is there, and an entry span of each service."""
    ids = {span.span_id for span in spans}
    entries = {s.service for s in spans if s.kind in ("SERVER", "CONSUMER")}
    orphans = [s for s in spans if s.parent_span_id and s.parent_span_id not in ids]
    return entries.issuperset(services) and not orphans
