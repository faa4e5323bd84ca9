"""GET /api/x/live: matching traces as they come, as server-sent events.

`event: traces` carries summaries in the shape of /api/x/traces, of traces that appeared
or got more spans since the answer began. Comment lines in between show a proxy, and
this side, that the other one is still there.
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
PAUSE_SECONDS = 0.2  # between two events: under load, changes are told together
MOST_STREAMS = 100  # their threads are apart from those that serve requests


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
    """Yield what to send; `generation` and `mark` say what the client has seen."""
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
    """Return the new mark, and what changed since the old one as an event."""
    with store.cursor() as cursor:
        upto = newest_mark(cursor)
        found = changed_traces(cursor, filters, after=mark, upto=upto)
        changed = traces_json(cursor, found)
    if not changed["traces"]:
        return upto, ""
    data = json.dumps(changed, ensure_ascii=False, separators=(",", ":"))
    return upto, f"event: traces\ndata: {data}\n\n"


def _limiter(request: Request) -> CapacityLimiter:
    """Return the limiter of this application's streams, made in its event loop."""
    state = request.app.state
    if not hasattr(state, "live_limiter"):
        state.live_limiter = CapacityLimiter(MOST_STREAMS)
    limiter: CapacityLimiter = state.live_limiter
    return limiter


ROUTES = [Route("/api/x/live", live)]
