"""A small real OTLP/HTTP receiver, which can also hang or refuse."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal, Self

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

# A plain receiver has the first three; tests/long/dead_collector has all of them.
Mood = Literal["accepts", "hangs", "unavailable", "slow", "asks for patience", "resets"]


class Receiver:
    """Listens on a free port, and keeps the `spans` and `logs` that it accepts."""

    handler: type[Handler]

    def __init__(self, mood: Mood = "accepts") -> None:
        self.mood = mood
        self.patience = ""  # its header Retry-After while it is unavailable
        self.spans: list[Span] = []
        self.logs: list[LogRecord] = []
        self.resources: list[dict[str, str]] = []
        self.refused = 0  # bodies that were not OTLP
        self._changed = threading.Condition()
        self._leaving = threading.Event()
        handler = type("OfThis", (self.handler,), {"receiver": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.endpoint = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._leaving.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def names(self) -> list[str]:
        return sorted(span.name for span in self.spans)

    def attribute_names(self) -> set[str]:
        """Return the names of all attributes: of spans, resources, events and links."""
        names = {name for resource in self.resources for name in resource}
        for span in self.spans:
            holders: list[Span | Span.Event | Span.Link] = [span]
            holders += [*span.events, *span.links]
            names |= {a.key for holder in holders for a in holder.attributes}
        return names

    def wait_for(self, count: int, timeout: float = 20) -> None:
        """Return once `count` spans have arrived."""
        with self._changed:
            is_full = self._changed.wait_for(lambda: len(self.spans) >= count, timeout)
        assert is_full, f"{len(self.spans)} of {count} spans: {self.names()}"

    def take(self, body: bytes) -> int:
        """Keep the spans of a request; return the HTTP status of the answer."""
        if self.mood == "hangs":
            self._leaving.wait()
        if self.mood != "accepts":
            return 503
        try:
            request = ExportTraceServiceRequest.FromString(body)
        except DecodeError:
            self.refused += 1
            return 400
        with self._changed:
            for group in request.resource_spans:
                attributes = group.resource.attributes
                self.resources.append({a.key: a.value.string_value for a in attributes})
                for scope in group.scope_spans:
                    self.spans.extend(scope.spans)
            self._changed.notify_all()
        return 200

    def take_logs(self, body: bytes) -> int:
        """Keep the log records of a request; return the HTTP status of the answer."""
        if self.mood == "hangs":
            self._leaving.wait()
        if self.mood != "accepts":
            return 503
        for group in ExportLogsServiceRequest.FromString(body).resource_logs:
            for scope in group.scope_logs:
                self.logs.extend(scope.log_records)
        return 200


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver
    protocol_version = "HTTP/1.1"  # connections stay open, as with a real collector

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        are_logs = self.path == "/v1/logs"
        status = (self.receiver.take_logs if are_logs else self.receiver.take)(body)
        self.send_response(status)
        self.send_header("Content-Type", "application/x-protobuf")
        self.send_header("Content-Length", "0")
        if status == 503 and self.receiver.patience:
            self.send_header("Retry-After", self.receiver.patience)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


Receiver.handler = Handler
