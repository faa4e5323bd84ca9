"""All that is answered on the viewer's main port, in one application.

    uvicorn.run(build_api(store, settings), host="127.0.0.1", port=16686)

Read this first: the parts, in the order in which a request meets them.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from viewer.api import explore, jaeger_v1, jaeger_v3, live, page, source, transform
from viewer.api.errors import HANDLERS
from viewer.api.guard import Guard
from viewer.api.paths import TrailingSlash
from viewer.query.reader import Reader
from viewer.settings import Settings


def build_api(store: Reader, settings: Settings) -> Starlette:
    """Return the application that serves this store."""
    app = Starlette(
        middleware=[
            Middleware(Guard, allowed_hosts=settings.allowed_hosts),
            # Never the live stream: Starlette leaves text/event-stream alone.
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=4),
            Middleware(TrailingSlash),
        ],
        routes=[
            *explore.ROUTES,
            *live.ROUTES,
            *source.ROUTES,
            *jaeger_v3.ROUTES,
            *jaeger_v1.ROUTES,
            *transform.ROUTES,
            *page.ROUTES,
        ],
        exception_handlers=HANDLERS,
    )
    app.state.store = store
    app.state.settings = settings
    return app
