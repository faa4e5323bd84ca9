"""A collector that fails in every way a real one does, and recovers."""

from __future__ import annotations

import socket
import struct
import time
from typing import get_args

from tests.instrumentation.receiver import Handler, Mood, Receiver

MOODS: tuple[Mood, ...] = tuple(mood for mood in get_args(Mood) if mood != "accepts")
PATIENCE = 5  # seconds; longer than the exporter's own first wait


class _MoodyHandler(Handler):
    receiver: Moody

    def do_POST(self) -> None:  # noqa: N802 - the name that http.server calls
        mood = self.receiver.mood
        if mood == "resets":
            self.rfile.read(100)  # a part of the body, before the connection is reset
            at_once = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            self.close_connection = True
            self.connection.close()
        elif mood == "asks for patience":
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(429)
            self.receiver.retry_requests.append(time.monotonic())
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
        self.retry_requests: list[float] = []  # when it answered with Retry-After

    def take(self, body: bytes) -> int:
        while self.mood == "hangs":
            if self._leaving.wait(0.05):
                break
        if self.mood == "slow":
            self._leaving.wait(3)
            self.spans.clear()  # a test waits for later ones
        return super().take(body) if self.mood in ("accepts", "slow") else 503
