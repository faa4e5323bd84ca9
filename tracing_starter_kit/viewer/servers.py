"""What serves the viewer's ports: sockets, uvicorn, and how all of it is ended.

listener = listen("127.0.0.1", 4318, purpose="OTLP over HTTP", setting="OTLP_HTTP_PORT")
await Server(app).serve([listener])
"""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.types import ASGIApp

__all__ = ["GRACE", "PortError", "Server", "listen", "on_stop"]

GRACE: Final = 1  # second for requests that are being answered


class PortError(RuntimeError):
    """A port cannot be listened on; the text says which and what to do."""

    def __init__(
        self, error: OSError, *, port: int, purpose: str, setting: str
    ) -> None:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else f"cannot be used ({error.strerror})"
        super().__init__(
            f"port {port} ({purpose}) {reason}: end the program that uses it, or set "
            f"{setting} to another port."
        )


def listen(host: str, port: int, *, purpose: str, setting: str) -> socket.socket:
    """Return a listening socket; port 0 means any free one."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise PortError(error, port=port, purpose=purpose, setting=setting) from error
    # Connections inherit it. asyncio sets it only on sockets that it made itself, and
    # without it every answer waits 40 ms for the client's acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and SIGINT, in the running event loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


class Server(uvicorn.Server):
    """A uvicorn server that leaves signals to whoever runs it, and logs little.

    `grace` is how many seconds a request may still take once the server is stopped.
    """

    def __init__(self, app: ASGIApp, *, grace: int = GRACE) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                log_level="warning",
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=grace,
            )
        )

    def stop(self) -> None:
        """Take no more requests; `serve` returns when those at hand are answered."""
        # uvicorn reports each request that it cuts off with a traceback.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Not here: two servers share the process."""
        yield
