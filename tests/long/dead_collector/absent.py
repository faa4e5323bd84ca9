"""A collector that is away at first, and comes: restarted, or reachable again."""

from __future__ import annotations

import socket
from typing import Self

from tests.long.dead_collector.moody import Moody

ABSENCES = ("refuses", "silent")


class Absent(Moody):
    """A receiver that is away until `come()`.

    "refuses": nothing listens on its port. "silent": no packet is answered, as with a
    machine that is switched off.
    """

    def __init__(self, absence: str) -> None:
        super().__init__()
        self._absence = absence
        self._callers: list[socket.socket] = []

    def __enter__(self) -> Self:
        if self._absence == "refuses":
            self._server.socket.close()
        else:
            self._fill_the_backlog()
        return self

    def __exit__(self, *_: object) -> None:
        if self._absence:
            self.come()
        super().__exit__()

    def come(self) -> None:
        """Start to listen."""
        if self._absence == "refuses":
            self._server.socket = socket.socket()
            self._server.server_bind()
        for caller in self._callers:
            caller.close()
        self._server.server_activate()
        self._absence = ""
        super().__enter__()

    def _fill_the_backlog(self) -> None:
        """Fill the queue of callers, so that Linux drops the packets of others."""
        self._server.socket.listen(0)
        for _ in range(4):
            caller = socket.socket()
            caller.settimeout(0)
            caller.connect_ex(self._server.server_address)
            self._callers.append(caller)
