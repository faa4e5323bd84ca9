"""Receives the spans of the learner's programs, and passes them on to the viewer.

    with Receiver(forward_to="http://127.0.0.1:4318") as receiver:
        ...                                   # programs export to receiver.endpoint
        receiver.spans()

A check need not wait for spans: it ends the programs, and they send their last spans
before they end.
Needs: opentelemetry-proto.
"""

from __future__ import annotations

import base64
import gzip
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from tracing_starter_kit.traces.spans import Span, load_spans

PROTOBUF = "application/x-protobuf"
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Receiver:
    """An OTLP receiver on a free port of this machine, for http/protobuf."""

    def __init__(self, forward_to: str | None = None) -> None:
        self._forward_to = forward_to
        self._bodies: list[bytes] = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Receiver:
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def take(self, body: bytes) -> None:
        """Store one export request.

        Raises:
            DecodeError: The body is not OTLP in protobuf.
        """
        ExportTraceServiceRequest.FromString(body)
        with self._lock:
            self._bodies.append(body)

    def spans(self) -> list[Span]:
        """Return all spans received so far."""
        with self._lock:
            bodies = list(self._bodies)
        return [span for body in bodies for span in _parse(body)]

    def show_in_viewer(self) -> bool:
        """Pass all spans on to the viewer; tell whether it accepted them."""
        if self._forward_to is None:
            return False
        url = f"{self._forward_to}/v1/traces"
        with self._lock:
            bodies = list(self._bodies)
        statuses = [_post(url, body) for body in bodies]
        return all(statuses)


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            if self.path == "/v1/traces":  # not logs and metrics
                self.receiver.take(body)
            self._answer(200)
        except (DecodeError, OSError, EOFError):
            self._answer(400)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", PROTOBUF)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


def _parse(body: bytes) -> list[Span]:
    request = ExportTraceServiceRequest.FromString(body)
    document = MessageToDict(request, use_integers_for_enums=True)
    for item in _spans_and_links(document):
        for key in ("traceId", "spanId", "parentSpanId"):
            if key in item:  # protobuf's JSON has base64 here, OTLP's JSON has hex
                item[key] = base64.b64decode(item[key]).hex()
    return load_spans(document)


def _spans_and_links(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for group in document.get("resourceSpans", []):
        for scope in group.get("scopeSpans", []):
            for span in scope.get("spans", []):
                yield span
                yield from span.get("links", [])


def _post(url: str, body: bytes) -> bool:
    request = urllib.request.Request(  # noqa: S310 - http only, this machine's viewer
        url, data=body, headers={"Content-Type": PROTOBUF}, method="POST"
    )
    try:
        with _direct.open(request, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False
