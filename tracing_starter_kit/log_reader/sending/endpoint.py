"""Send OTLP over HTTP to an endpoint, in the background, with retries while busy.

    sink = EndpointSink("http://127.0.0.1:4318")
    sink.check()
    sink.write(spans, records)
    sink.close()

OTLP allows a retry after the answers 429, 502, 503 and 504 only.
https://opentelemetry.io/docs/specs/otlp/#otlphttp-response
"""

from __future__ import annotations

import http.client
import time
import urllib.parse
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

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

TRACES = "/v1/traces"
LOGS = "/v1/logs"
HEADERS = {"Content-Type": "application/x-protobuf", "User-Agent": "kit-logs"}
RETRYABLE = {429, 502, 503, 504}
MOST_PENDING = 4  # batches
TIMEOUT = 30.0  # s for one answer
RETRY_WITHIN = 120.0  # s for all tries of a request


def address(endpoint: str) -> urllib.parse.SplitResult:
    """Return the parts of an address.

    Raises:
        LogReaderError: It is not an http address.
    """
    try:
        parts = urllib.parse.urlsplit(endpoint)
        # Check here all that a connection would fail on: the port, the host.
        is_usable = parts.port != 0 and (parts.hostname or "").encode("idna")
        if parts.scheme in ("http", "https") and is_usable and parts.path.isascii():
            return parts
    except ValueError:
        pass
    raise LogReaderError(
        f"--endpoint {endpoint} is not an address: write http://HOST:PORT, such as "
        "http://127.0.0.1:4318."
    )


class EndpointSink:
    """Sends to one endpoint over one connection; `rejected` counts rejected items."""

    def __init__(self, endpoint: str, *, hint: str = "") -> None:
        """Set the endpoint.

        Args:
            endpoint: The address without /v1/traces.
            hint: A sentence with the next step if nothing answers.

        Raises:
            LogReaderError: It is not an http address.
        """
        parts = address(endpoint)
        self.endpoint = endpoint.rstrip("/")
        self.rejected = 0
        self._hint = hint
        self._path = parts.path.rstrip("/")
        is_secure = parts.scheme == "https"
        connect = (
            http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
        )
        self._connection = connect(parts.netloc, timeout=TIMEOUT)
        self._sender = ThreadPoolExecutor(1, "otlp-sender")
        self._pending: deque[Future[None]] = deque()

    def check(self) -> None:
        """Send an empty request, so that a long import does not fail at its end.

        Raises:
            LogReaderError: Nothing answers, or it is not an OTLP endpoint.
        """
        self._sender.submit(self._post, TRACES, b"").result()

    def write(self, spans: Sequence[Span], records: Sequence[Record]) -> None:
        """Send a batch in the background; wait while too many batches are pending."""
        if spans:
            self._send(TRACES, spans_protobuf(spans))
        if records:
            self._send(LOGS, records_protobuf(records, time.time_ns()))

    def close(self) -> None:
        """Wait until the endpoint has answered every request."""
        try:
            while self._pending:
                self._pending.popleft().result()
        finally:
            self._sender.shutdown(cancel_futures=True)
            self._connection.close()

    def _send(self, path: str, body: bytes) -> None:
        while len(self._pending) >= MOST_PENDING:
            self._pending.popleft().result()
        self._pending.append(self._sender.submit(self._post, path, body))

    def _post(self, path: str, body: bytes) -> None:
        deadline = time.monotonic() + RETRY_WITHIN
        while True:
            status, answer, retry_after = self._request(path, body)
            if status < 300:
                self.rejected += _rejected(path, answer)
                return
            if status not in RETRYABLE or time.monotonic() > deadline:
                raise LogReaderError(
                    f"{self.endpoint}{path} answered {status}: check in its log that "
                    "it is an OTLP/HTTP endpoint and that its disk is not full."
                )
            time.sleep(retry_after)

    def _request(self, path: str, body: bytes) -> tuple[int, bytes, float]:
        """Return the status, the body, and the seconds to wait before another try."""
        try:
            return self._exchange(path, body)
        except ConnectionRefusedError as error:
            raise self._no_answer(error) from None
        except (OSError, http.client.HTTPException):
            self._connection.close()  # the server closed it after an idle time
        try:
            return self._exchange(path, body)
        except (OSError, http.client.HTTPException) as error:
            raise self._no_answer(error) from None

    def _exchange(self, path: str, body: bytes) -> tuple[int, bytes, float]:
        self._connection.request("POST", self._path + path, body, HEADERS)
        answer = self._connection.getresponse()
        seconds = answer.getheader("Retry-After") or "1"
        retry_after = float(seconds) if seconds.isdecimal() else 1.0
        return answer.status, answer.read(), retry_after

    def _no_answer(self, error: Exception) -> LogReaderError:
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
