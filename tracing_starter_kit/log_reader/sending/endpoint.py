"""OTLP over HTTP to an endpoint: batches in the background, repeated while it is busy.

    sink = EndpointSink("http://127.0.0.1:4318")
    sink.check()
    sink.write(spans, records)
    sink.close()

Answers 429, 502, 503 and 504 mean later, all others of 400 and up never (OTLP's own
rule). https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceResponse,
)

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.model import Record, Span
from tracing_starter_kit.log_reader.sending.otlp_protobuf import (
    records_protobuf,
    spans_protobuf,
)

TRACES: Final = "/v1/traces"
LOGS: Final = "/v1/logs"
HEADERS: Final = {"Content-Type": "application/x-protobuf", "User-Agent": "kit-logs"}
LATER: Final = {429, 502, 503, 504}
MOST_WAITING: Final = 4  # batches
TIMEOUT: Final = 30.0  # s for one answer
PATIENCE: Final = 120.0  # s for an endpoint that says later


def address(endpoint: str) -> urllib.parse.SplitResult:
    """Return the parts of an address.

    Raises:
        LogReaderError: It is no http address.
    """
    try:
        parts = urllib.parse.urlsplit(endpoint)
        # All that a connection would stumble over: a port or a host that is none.
        usable = parts.port != 0 and (parts.hostname or "").encode("idna")
        if parts.scheme in ("http", "https") and usable and parts.path.isascii():
            return parts
    except ValueError:
        pass
    raise LogReaderError(
        f"--endpoint {endpoint} is no address: write http://HOST:PORT, such as "
        "http://127.0.0.1:4318."
    )


class EndpointSink:
    """Sends to one endpoint over one connection; `rejected` is what it did not take."""

    def __init__(self, endpoint: str, *, hint: str = "") -> None:
        """Set where to send.

        Args:
            endpoint: The address without /v1/traces.
            hint: What to do where nothing answers, as a sentence.

        Raises:
            LogReaderError: It is no http address.
        """
        parts = address(endpoint)
        self.endpoint = endpoint.rstrip("/")
        self.rejected = 0
        self._hint = hint
        self._path = parts.path.rstrip("/")
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self._connection = kind(parts.netloc, timeout=TIMEOUT)
        self._sender = ThreadPoolExecutor(1, "otlp-sender")
        self._sent: deque[Future[None]] = deque()

    def check(self) -> None:
        """Send nothing, to see before a long import that something takes it.

        Raises:
            LogReaderError: Nothing answers, or it is no OTLP endpoint.
        """
        self._sender.submit(self._post, TRACES, b"").result()

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Send a batch in the background; wait while too many are on their way."""
        if spans:
            self._send(TRACES, spans_protobuf(spans))
        if records:
            self._send(LOGS, records_protobuf(records, time.time_ns()))

    def close(self) -> None:
        """Wait until everything has been taken."""
        try:
            while self._sent:
                self._sent.popleft().result()
        finally:
            self._sender.shutdown(cancel_futures=True)
            self._connection.close()

    def _send(self, path: str, body: bytes) -> None:
        while len(self._sent) >= MOST_WAITING:
            self._sent.popleft().result()
        self._sent.append(self._sender.submit(self._post, path, body))

    def _post(self, path: str, body: bytes) -> None:
        deadline = time.monotonic() + PATIENCE
        while True:
            status, answer, retry_after = self._request(path, body)
            if status < 300:
                self.rejected += _rejected(path, answer)
                return
            if status not in LATER or time.monotonic() > deadline:
                raise LogReaderError(
                    f"{self.endpoint}{path} answered {status}: is it an OTLP/HTTP "
                    "endpoint, and has it room? Its own log says more."
                )
            time.sleep(retry_after)

    def _request(self, path: str, body: bytes) -> tuple[int, bytes, float]:
        """Return the status, the body, and the seconds to wait before another try."""
        try:
            return self._exchange(path, body)
        except ConnectionRefusedError as error:
            raise self._silent(error) from None
        except (OSError, http.client.HTTPException):
            self._connection.close()  # it had been idle for too long
        try:
            return self._exchange(path, body)
        except (OSError, http.client.HTTPException) as error:
            raise self._silent(error) from None

    def _exchange(self, path: str, body: bytes) -> tuple[int, bytes, float]:
        self._connection.request("POST", self._path + path, body, HEADERS)
        answer = self._connection.getresponse()
        wait = answer.getheader("Retry-After") or ""
        return answer.status, answer.read(), float(wait) if wait.isdecimal() else 1.0

    def _silent(self, error: Exception) -> LogReaderError:
        reason = getattr(error, "strerror", None) or str(error) or "no answer"
        text = f"{self.endpoint} does not answer ({reason}). {self._hint}"
        return LogReaderError(text.strip())


def _rejected(path: str, answer: bytes) -> int:
    try:
        if path == TRACES:
            traces = ExportTraceServiceResponse.FromString(answer)
            return traces.partial_success.rejected_spans
        logs = ExportLogsServiceResponse.FromString(answer)
    except DecodeError:
        return 0
    return logs.partial_success.rejected_log_records
