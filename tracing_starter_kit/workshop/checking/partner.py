"""Another company's service, played by the check: it answers, and records each call.

Example:
    with Partner(lambda body: (200, {"cost": 490})) as partner:
        ...                      # the learner's program calls partner.url
    partner.received             # every text of each call, with its place in the call
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Decide = Callable[[Mapping[str, Any]], tuple[int, Mapping[str, Any]]]


class Partner:
    """An HTTP service on a free port, which belongs to no trace.

    Args:
        decide: Returns status and JSON for the body of a POST, or for {"path": …} of
            a GET.
        seconds: The time that an answer takes.

    Attributes:
        most_at_once: The largest number of GETs that waited at the same time.
        received: Pairs of a place ("path", "body" or a header's name) and its text.
    """

    def __init__(self, decide: Decide, seconds: float = 0.0) -> None:
        self.decide = decide
        self.seconds = seconds
        self.received: list[tuple[str, str]] = []
        self.lock = threading.Lock()
        self.open_questions = 0
        self.most_at_once = 0
        handler = type("Handler", (_Handler,), {"partner": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Partner:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    partner: Partner

    def do_GET(self) -> None:
        self._record("")
        partner = self.partner
        with partner.lock:
            partner.open_questions += 1
            partner.most_at_once = max(partner.most_at_once, partner.open_questions)
        try:
            self._answer({"path": self.path})
        finally:
            with partner.lock:
                partner.open_questions -= 1

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode(errors="replace")
        self._record(body)
        self._answer(json.loads(body or "{}"))

    def _record(self, body: str) -> None:
        headers = self.headers.items()
        self.partner.received += [("path", self.path), *headers, ("body", body)]

    def _answer(self, question: Mapping[str, Any]) -> None:
        time.sleep(self.partner.seconds)
        status, content = self.partner.decide(question)
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Print nothing."""
