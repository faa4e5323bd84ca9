"""The card network's HTTP server; the card's token decides the answer.

    demo-card-approve       approved
    demo-card-decline       declined: insufficient funds
    demo-card-slow          approved after 0.6 s
    demo-card-timeout       no answer
    demo-card-flaky         503 at the first attempt, approved at the second
    demo-card-lost-answer   charged at once, but the first answer is lost

Any other card is declined as unknown.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from demo_services.card_network.ledger import Ledger

SLOW = 0.6
# Longer than any client waits.
NEVER = 30.0


class CardNetwork(ThreadingHTTPServer):
    """The server, with a daemon thread for each connection."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        ledger: Ledger,
        handler: type[BaseHTTPRequestHandler] | None = None,
    ) -> None:
        """Listen on the address."""
        super().__init__(address, handler or Handler)
        self.ledger = ledger
        self.closing = threading.Event()

    def server_close(self) -> None:
        """Close, and end the slow answers."""
        self.closing.set()
        super().server_close()


class Handler(BaseHTTPRequestHandler):
    """A client's connection."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: else the body waits 40 ms for an acknowledgement.
    wbufsize = -1

    @property
    def network(self) -> CardNetwork:
        """The server of this connection."""
        return cast(CardNetwork, self.server)

    def do_GET(self) -> None:
        """Answer /health, and /charges/{key} with a charge."""
        if self.path == "/health":
            return self._answer(200, {"status": "ok"})
        charge = self.network.ledger.find(self.path.removeprefix("/charges/"))
        return self._answer(200 if charge else 404, charge or {"error": "no charge"})

    def do_POST(self) -> None:
        """Charge once for each Idempotency-Key, as the card decides."""
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length))
        key = self.headers["Idempotency-Key"]
        attempt = self.network.ledger.count_attempt(key, body)
        card = body["card"]
        if card == "demo-card-timeout":
            self._wait(NEVER)
            self.close_connection = True
        elif card == "demo-card-flaky" and attempt == 1:
            self._answer(503, {"error": "try again"})
        else:
            if card == "demo-card-slow":
                self._wait(SLOW)
            charge = self.network.ledger.charge(key)
            if card == "demo-card-lost-answer" and attempt == 1:
                self.close_connection = True
            else:
                self._answer(200, charge)

    def log_message(self, *_args: Any) -> None:
        """Log nothing: a third party's log is not ours to see."""

    def _wait(self, seconds: float) -> None:
        self.network.closing.wait(seconds)

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
