"""The viewer, put together: read this first.

    run(Settings(data=Path(".kit/viewer")))

One process: two HTTP servers in one event loop, a gRPC server with a few threads, and
one store that they share. It traces nothing of its own, or it would store its own spans
for ever. SIGTERM and SIGINT end it within some 1.5 seconds, with all that it has
acknowledged on disk.
"""

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

__all__ = ["run"]

OnReady = Callable[[Settings], None]


def run(settings: Settings, *, on_ready: OnReady | None = None) -> None:
    """Serve until SIGTERM or SIGINT; exit with a sentence where it cannot start.

    `on_ready` is called once all ports answer, with the settings as they came out:
    a port of 0 has become the one that was found.
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
        # A page that is followed live is never answered to the end.
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
    """Take all three ports, or say which cannot be had, before anything is opened."""

    def take(port: int, purpose: str, setting: str) -> socket.socket:
        taken = listen(settings.host, port, purpose=purpose, setting=setting)
        return stack.enter_context(taken)

    page = take(settings.http_port, "the page", "VIEWER_PORT")
    otlp = take(settings.otlp_http_port, "OTLP over HTTP", "OTLP_HTTP_PORT")
    otlp_grpc = take(settings.otlp_grpc_port, "OTLP over gRPC", "OTLP_GRPC_PORT")
    settings = replace(
        settings,
        http_port=page.getsockname()[1],
        otlp_http_port=otlp.getsockname()[1],
        otlp_grpc_port=otlp_grpc.getsockname()[1],
    )
    otlp_grpc.close()  # grpcio opens its own
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
