"""A collector that misbehaves in every way a real one does, and comes back."""

from __future__ import annotations

import socket
import struct
import time

from tests.instrumentation.receiver import Handler, Receiver

MOODS = ("hangs", "slow", "unavailable", "asks for patience", "resets")
PATIENCE = 5  # seconds; more than a service waits of its own accord


class _MoodyHandler(Handler):
    receiver: Moody

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        mood = self.receiver.mood
        if mood == "resets":
            self.rfile.read(100)  # of the body: then the connection is gone
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.close_connection = True
            self.connection.close()
        elif mood == "asks for patience":
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(429)
            self.receiver.asked.append(time.monotonic())
            self.send_header("Retry-After", str(PATIENCE))
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            super().do_POST()


class Moody(Receiver):
    """A receiver whose `mood` is "accepts" or one of MOODS."""

    handler = _MoodyHandler

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []  # when it asked for patience

    def take(self, body: bytes) -> int:
        if self.mood == "hangs":
            while self.mood == "hangs" and not self._leaving.wait(0.05):
                pass
        if self.mood == "slow":
            self._leaving.wait(3)
            self.spans.clear()  # what got through is not what is waited for
        return super().take(body) if self.mood in ("accepts", "slow") else 503
