"""The viewer's HTTP servers: sockets, uvicorn, and their end.

    listener = listen("127.0.0.1", 4318, purpose="OTLP", setting="OTLP_HTTP_PORT")
    await Server(app).serve([listener])

A port that is taken raises PortError, with the purpose and the setting in its message.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

GRACE = 1  # second to finish the requests that are being answered


class PortError(RuntimeError):
    """The viewer cannot listen on a port; the message names it and the next step."""

    def __init__(
        self, error: OSError, *, port: int, purpose: str, setting: str
    ) -> None:
        is_taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if is_taken else f"cannot be used ({error.strerror})"
        super().__init__(
            f"port {port} ({purpose}) {reason}: end the program that uses it, or set "
            f"{setting} to another port."
        )


def listen(host: str, port: int, *, purpose: str, setting: str) -> socket.socket:
    """Return a listening socket; port 0 means any free port."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as error:
        raise PortError(error, port=port, purpose=purpose, setting=setting) from error
    # Without TCP_NODELAY each answer waits 40 ms for the client's acknowledgement.
    # Connections inherit it; asyncio sets it only on sockets that it created itself.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def on_stop(stop: Callable[[], None]) -> None:
    """Call `stop` on SIGTERM and SIGINT, in the running event loop."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)


class Server(uvicorn.Server):
    """A uvicorn server that handles no signals and logs little.

    `grace`: the seconds that a request may still take after `stop`.
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
        """Accept no more requests; `serve` ends when the current ones are answered."""
        # uvicorn logs a traceback for each request that it cuts off.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Do nothing: `on_stop` handles signals, for all servers of the process."""
        yield
