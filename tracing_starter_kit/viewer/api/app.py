"""The application behind the viewer's main port.

    uvicorn.run(build_api(store, settings), host="127.0.0.1", port=16686)

Read this first: it names all parts, in the order in which a request meets them.
"""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware

from tracing_starter_kit.viewer.api import page, transform
from tracing_starter_kit.viewer.api.errors import HANDLERS
from tracing_starter_kit.viewer.api.explore import live, source
from tracing_starter_kit.viewer.api.explore import routes as explore
from tracing_starter_kit.viewer.api.guard import Guard
from tracing_starter_kit.viewer.api.jaeger_v1 import routes as jaeger_v1
from tracing_starter_kit.viewer.api.jaeger_v3 import routes as jaeger_v3
from tracing_starter_kit.viewer.api.paths import TrailingSlash
from tracing_starter_kit.viewer.query.reader import Reader
from tracing_starter_kit.viewer.settings import Settings


def build_api(store: Reader, settings: Settings) -> Starlette:
    """Return the application that serves this store."""
    app = Starlette(
        middleware=[
            Middleware(Guard, allowed_hosts=settings.allowed_hosts),
            # Not for the live stream: Starlette never compresses text/event-stream.
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
