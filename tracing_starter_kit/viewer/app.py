"""The viewer as a whole: read this first.

    run(Settings(data=Path(".kit/viewer")))

One process holds two HTTP servers in one event loop, a gRPC server with a few threads,
and one store that they share. The viewer does not trace itself: it would store its own
spans for ever. SIGTERM and SIGINT end it within some 1.5 seconds, with all acknowledged
data on disk.
"""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from tracing_starter_kit.viewer.api.app import build_api
from tracing_starter_kit.viewer.receiver.grpc_server import start_grpc
from tracing_starter_kit.viewer.receiver.http import build_otlp_app
from tracing_starter_kit.viewer.servers import GRACE, PortError, Server, listen, on_stop
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store import Store, StoreError

OnReady = Callable[[Settings], None]


def run(settings: Settings, *, on_ready: OnReady | None = None) -> None:
    """Serve until SIGTERM or SIGINT; exit with a message if the viewer cannot start.

    `on_ready` is called once all ports answer, with the settings in use: a port of 0 is
    replaced by the port that the system chose.
    """
    try:
        asyncio.run(_serve(settings, on_ready or (lambda _: None)))
    except (PortError, StoreError) as error:
        sys.exit(f"viewer: {error}")


async def _serve(settings: Settings, on_ready: OnReady) -> None:
    with ExitStack() as stack:
        page_socket, otlp_socket, settings = _listen(stack, settings)
        store = stack.enter_context(_open_store(settings))
        limit = settings.max_body_bytes
        # A page's live stream has no end: waiting for it would take the whole grace.
        page = Server(build_api(store, settings), grace=0)
        otlp = Server(build_otlp_app(store, max_body_bytes=limit))
        otlp_grpc = start_grpc(
            store,
            host=settings.host,
            port=settings.otlp_grpc_port,
            max_body_bytes=limit,
        )

        def stop() -> None:
            page.stop()
            otlp.stop()
            otlp_grpc.stop(GRACE)

        on_stop(stop)
        on_ready(settings)
        await asyncio.gather(page.serve([page_socket]), otlp.serve([otlp_socket]))
        await asyncio.to_thread(otlp_grpc.wait_for_termination, GRACE)


def _listen(
    stack: ExitStack, settings: Settings
) -> tuple[socket.socket, socket.socket, Settings]:
    """Listen on all three ports, before the store is opened; or raise PortError."""

    def bind(port: int, purpose: str, setting: str) -> socket.socket:
        listener = listen(settings.host, port, purpose=purpose, setting=setting)
        return stack.enter_context(listener)

    page = bind(settings.http_port, "the page", "VIEWER_PORT")
    otlp = bind(settings.otlp_http_port, "OTLP over HTTP", "OTLP_HTTP_PORT")
    otlp_grpc = bind(settings.otlp_grpc_port, "OTLP over gRPC", "OTLP_GRPC_PORT")
    settings = replace(
        settings,
        http_port=page.getsockname()[1],
        otlp_http_port=otlp.getsockname()[1],
        otlp_grpc_port=otlp_grpc.getsockname()[1],
    )
    otlp_grpc.close()  # grpcio opens its own socket
    return page, otlp, settings


@contextmanager
def _open_store(settings: Settings) -> Iterator[Store]:
    store = Store.open(
        settings.data,
        max_bytes=settings.max_bytes,
        max_pending=settings.max_pending_bytes,
    )
    try:
        yield store
    finally:
        store.close()
