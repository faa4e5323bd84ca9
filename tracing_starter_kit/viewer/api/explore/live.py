"""GET /api/x/live: matching traces as they come, as server-sent events.

`event: traces` carries the summaries of new traces and of traces with new spans, in the
shape of /api/x/traces. Comment lines in between keep a proxy from closing the
connection, and show the viewer when the client has gone.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import partial

import anyio
from anyio import CapacityLimiter, to_thread
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import store_of
from tracing_starter_kit.viewer.api.explore.filters import explore_filters
from tracing_starter_kit.viewer.api.explore.summary_json import traces_json
from tracing_starter_kit.viewer.query.changes import changed_traces, newest_mark
from tracing_starter_kit.viewer.query.filters import Filters
from tracing_starter_kit.viewer.query.reader import Reader

WAIT_SECONDS = 1.0  # a thread waits no longer, so that the viewer can end
WAITS_PER_HEARTBEAT = 15
PAUSE_SECONDS = 0.2  # between two events: under load, one event has many changes
MAX_STREAMS = 100  # with threads of their own, apart from those of requests


async def live(request: Request) -> Response:
    """Answer with a stream that ends when the client goes."""
    filters = explore_filters(request.query_params)
    store = store_of(request)
    generation = store.generation
    mark = await to_thread.run_sync(_mark, store)
    changes = _changes(store, filters, generation, mark, _limiter(request))
    headers = {"x-accel-buffering": "no"}
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=headers)
    return StreamingResponse(changes, media_type="text/event-stream", headers=headers)


async def _changes(
    store: Reader,
    filters: Filters,
    generation: int,
    mark: int,
    limiter: CapacityLimiter,
) -> AsyncIterator[str]:
    """Yield events; `generation` and `mark` stand for the client's last state."""
    yield ": connected\n\n"
    idle = 0
    while True:
        waiting = partial(store.wait_newer, generation, WAIT_SECONDS)
        newest = await to_thread.run_sync(
            waiting, limiter=limiter, abandon_on_cancel=True
        )
        idle = idle + 1 if newest == generation else 0
        if newest != generation:
            generation = newest
            mark, event = await to_thread.run_sync(_event, store, filters, mark)
            if event:
                yield event
            await anyio.sleep(PAUSE_SECONDS)
        elif idle % WAITS_PER_HEARTBEAT == 0:
            yield ": still here\n\n"


def _mark(store: Reader) -> int:
    with store.cursor() as cursor:
        return newest_mark(cursor)


def _event(store: Reader, filters: Filters, mark: int) -> tuple[int, str]:
    """Return the new mark, and the changes since the old one as an event."""
    with store.cursor() as cursor:
        upto = newest_mark(cursor)
        trace_ids = changed_traces(cursor, filters, after=mark, upto=upto)
        traces = traces_json(cursor, trace_ids)
    if not traces["traces"]:
        return upto, ""
    data = json.dumps(traces, ensure_ascii=False, separators=(",", ":"))
    return upto, f"event: traces\ndata: {data}\n\n"


def _limiter(request: Request) -> CapacityLimiter:
    """Return the limiter of this application's streams; the first call makes it."""
    state = request.app.state
    if not hasattr(state, "live_limiter"):
        state.live_limiter = CapacityLimiter(MAX_STREAMS)
    limiter: CapacityLimiter = state.live_limiter
    return limiter


ROUTES = [Route("/api/x/live", live)]
