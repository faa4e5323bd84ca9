"""The viewer, put together: read this first.

    run(Settings(data=Path(".kit/viewer")))

One process: two HTTP servers in one event loop, a gRPC server with a few threads, and
one store that they share. It traces nothing of its own, or it would store its own spans
for ever. SIGTERM and SIGINT end it within some 1.5 seconds, with all that it has
acknowledged on disk.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import grpc

from viewer.api.app import build_api
from viewer.receiver.grpc_server import start_grpc
from viewer.receiver.http import build_otlp_app
from viewer.servers import GRACE, PortError, Server, listen, on_stop
from viewer.settings import Settings
from viewer.store import Store, StoreError

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
    host = settings.host
    with (
        listen(host, settings.http_port, what="page", setting="VIEWER_PORT") as page,
        listen(
            host, settings.otlp_http_port, what="OTLP/HTTP", setting="OTLP_HTTP_PORT"
        ) as otlp,
        _open_store(settings) as store,
    ):
        grpc_server, grpc_port = _start_grpc(store, settings)
        settings = replace(
            settings,
            http_port=page.getsockname()[1],
            otlp_http_port=otlp.getsockname()[1],
            otlp_grpc_port=grpc_port,
        )
        page_server = Server(build_api(store, settings))
        otlp_server = Server(
            build_otlp_app(store, max_body_bytes=settings.max_body_bytes)
        )

        def stop() -> None:
            page_server.should_exit = otlp_server.should_exit = True
            grpc_server.stop(GRACE)

        on_stop(stop)
        on_ready(settings)
        await asyncio.gather(page_server.serve([page]), otlp_server.serve([otlp]))
        await asyncio.to_thread(grpc_server.wait_for_termination, GRACE)


def _start_grpc(store: Store, settings: Settings) -> tuple[grpc.Server, int]:
    port = settings.otlp_grpc_port
    try:
        return start_grpc(
            store,
            host=settings.host,
            port=port,
            max_body_bytes=settings.max_body_bytes,
        )
    except OSError as error:
        what, setting = "OTLP/gRPC", "OTLP_GRPC_PORT"
        raise PortError(error, port=port, what=what, setting=setting) from error


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
