# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Deliver spans in batches that survive outages and forks: `SpanDelivery()`.

Use: `provider.add_span_processor(SpanDelivery())` instead of the SDK's batch processor
and its exporter; `tracing_setup.py` does this for you. Sends OTLP over HTTP to
OTEL_EXPORTER_OTLP_ENDPOINT (default: this machine, port 4318). While the collector is
away, spans wait here; the end of the process waits for two seconds at most.
Needs: pip install opentelemetry-exporter-otlp-proto-http~=1.45 requests~=2.32
From the tracing starter kit 0.2.0.

Example:
    from opentelemetry import trace
    from opentelemetry.sdk.trace import TracerProvider
    from span_delivery import SpanDelivery

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(SpanDelivery())
    with trace.get_tracer("billing").start_as_current_span("write invoice"):
        print("writing")

You will see:
    write invoice
"""

from __future__ import annotations

import contextlib
import logging
import math
import os
import queue
import threading
import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, cast

from opentelemetry import context
from opentelemetry.sdk.trace import Event, ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import Link, Status

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

_LONGEST_PAUSE = 60  # seconds that a collector may ask for with Retry-After
_NOT_TEXT = ("context", "parent", "kind", "resource", "start_time", "end_time")
_log = logging.getLogger(__name__)


class SpanDelivery(SpanProcessor):
    """Send ended spans in batches from a thread; flush and end within their time.

    Args:
        exporter: Default: `otlp_exporter()`.
        exit_timeout: Seconds that the end of the process waits for the last spans.

    The variables OTEL_BSP_SCHEDULE_DELAY (milliseconds; here 500, not 5000),
    OTEL_BSP_MAX_QUEUE_SIZE (2048) and OTEL_BSP_MAX_EXPORT_BATCH_SIZE (512) hold. A full
    queue drops its oldest spans. A forked child starts with an empty queue and sends
    from a thread of its own: its parent sends what the parent ended.

    The SDK's processor waits 30 s for an absent collector at the end of a process; its
    `force_flush` ignores its timeout and the outcome of the export.

    >>> from opentelemetry.sdk.trace.export import ConsoleSpanExporter
    >>> SpanDelivery(ConsoleSpanExporter(), exit_timeout=1.0).force_flush()
    True
    """

    def __init__(
        self, exporter: SpanExporter | None = None, exit_timeout: float = 2.0
    ) -> None:
        self.exit_timeout = exit_timeout
        self._exporter = exporter or otlp_exporter()
        self._delay = _positive("OTEL_BSP_SCHEDULE_DELAY", 500) / 1000
        self._queue_size = _positive("OTEL_BSP_MAX_QUEUE_SIZE", 2048)
        batch_size = _positive("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512)
        self._batch_size = min(self._queue_size, batch_size)
        self._reset()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._reset)

    def _reset(self, lock: threading.Lock | None = None) -> None:
        """Begin with an empty queue and without a thread, in each process."""
        # The threads of the application take no lock of Python's own: a finalizer may
        # end a span at any time, in the middle of another `on_end` too.
        self._waiting: deque[ReadableSpan] = deque(maxlen=self._queue_size)
        # Wakes the thread. Holds None, or the queue that a `force_flush` listens to.
        self._calls: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._starting = lock or threading.Lock()  # tried, never waited for
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._has_ended = False
        self._dropped = self._reported = 0  # spans: in all, and at the last flush

    def on_end(self, span: ReadableSpan) -> None:
        """Queue a span: the only work in the thread of the application."""
        if self._has_ended or not (span.context and span.context.trace_flags.sampled):
            return
        self._ensure_thread()
        if len(self._waiting) == self._queue_size:
            self._dropped += 1
        self._waiting.append(span)
        if len(self._waiting) >= self._batch_size and self._calls.empty():
            self._calls.put(None)

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Return whether all spans since the last flush are accepted, in time."""
        if self._has_ended:
            return self._dropped == self._reported
        self._ensure_thread()
        if self._thread is None:
            return False
        answer: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._calls.put(answer)
        try:
            dropped = answer.get(timeout=timeout_millis / 1000)
        except queue.Empty:
            return False
        is_complete = dropped == self._reported
        self._reported = dropped
        return is_complete

    def shutdown(self) -> None:
        """Send the waiting spans, for `exit_timeout` seconds at most."""
        self._has_ended = True
        _session.deadline = time.monotonic() + self.exit_timeout
        self._calls.put(None)
        if self._thread:
            self._thread.join(self.exit_timeout)
        else:
            self._send()
        self._exporter.shutdown()

    def _ensure_thread(self) -> None:
        """Start the sending thread of this process, if it has none."""
        # The process may be a fork unknown to Python, as uWSGI's are: look at its id.
        if self._thread is not None and self._pid == os.getpid():
            return
        lock = self._starting
        if not lock.acquire(blocking=False):
            return  # another thread is starting it
        if self._pid != os.getpid():
            self._reset(lock)
        if self._thread is None:
            # Made together: gevent may have replaced both classes since `__init__`.
            self._calls = queue.SimpleQueue()
            thread = threading.Thread(target=self._work, name="spans", daemon=True)
            # An interpreter that is ending starts no thread: then `shutdown` sends.
            with contextlib.suppress(RuntimeError):
                thread.start()
                self._thread = thread
        lock.release()

    def _work(self) -> None:
        """Send after each delay and each call, until the end."""
        _make_no_spans_in_this_thread()
        while not self._has_ended:
            answer = None
            with contextlib.suppress(queue.Empty):
                answer = self._calls.get(timeout=self._delay)
            self._send()
            if answer is not None:
                answer.put(self._dropped)
        self._send()  # spans that ended while the loop sent for the last time

    def _send(self) -> None:
        """Send the spans that wait now; those that end meanwhile are for next time."""
        dropped = self._dropped
        for _ in range(0, len(self._waiting), self._batch_size):
            batch: list[ReadableSpan] = []
            with contextlib.suppress(IndexError):  # a full queue has dropped some
                while len(batch) < self._batch_size:
                    batch.append(self._waiting.popleft())
            self._export(batch)
        if self._dropped > dropped:
            _log.warning(
                "%d spans dropped so far: the queue was full (OTEL_BSP_MAX_QUEUE_SIZE) "
                "or the collector did not accept them.",
                self._dropped,
            )

    def _export(self, batch: list[ReadableSpan]) -> None:
        lost = len(batch)
        try:
            spans = [_encodable(span) for span in batch]
            if self._exporter.export(spans) is SpanExportResult.SUCCESS:
                lost, _session.rejected_spans = _session.rejected_spans, 0
        except Exception:  # noqa: BLE001 - the thread goes on with the next batch
            _log.exception("The exporter failed.")
        self._dropped += lost


def _encodable(span: ReadableSpan) -> ReadableSpan:
    """Return the span; a copy with texts for the values that OTLP cannot hold.

    A lone surrogate in a name would lose the whole batch. An integer beyond 64 bits, or
    a surrogate in an attribute, would lose the attribute, and log a stack trace.
    """
    values: list[object] = [span.name, span.status.description, span.attributes]
    values += [(event.name, event.attributes) for event in span.events]
    values += [link.attributes for link in span.links]
    if _is_encodable(values):
        return span
    events = [
        Event(
            _as_encodable(event.name), _as_encodable(event.attributes), event.timestamp
        )
        for event in span.events
    ]
    return ReadableSpan(
        _as_encodable(span.name),
        attributes=_as_encodable(span.attributes),
        events=events,
        links=[
            Link(link.context, _as_encodable(link.attributes)) for link in span.links
        ],
        status=Status(span.status.status_code, _as_encodable(span.status.description)),
        instrumentation_scope=span.instrumentation_scope,
        **{name: getattr(span, name) for name in _NOT_TEXT},
    )


def _is_encodable(value: object) -> bool:
    if isinstance(value, str):
        return value.isascii() or value == _as_encodable(value)
    if isinstance(value, int):
        return -(2**63) <= value < 2**63
    if isinstance(value, Mapping):
        return all(_is_encodable(k) and _is_encodable(v) for k, v in value.items())
    is_list = isinstance(value, Sequence) and not isinstance(value, bytes)
    return not is_list or all(map(_is_encodable, cast("Sequence[object]", value)))


def _as_encodable(value: Any) -> Any:
    if isinstance(value, str):
        value = value.encode(errors="replace").decode()
    elif isinstance(value, Mapping):
        value = {_as_encodable(k): _as_encodable(v) for k, v in value.items()}
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        value = tuple(map(_as_encodable, value))
    elif not _is_encodable(value):
        # Python refuses to write an integer of more than 4,300 digits in decimal.
        value = str(value) if value.bit_length() < 10_000 else hex(value)
    return value


def otlp_exporter() -> SpanExporter:
    """Return an exporter for OTLP over HTTP that does not give up on a collector.

    The variables OTEL_EXPORTER_OTLP_* hold, except that a request may take four
    seconds, not ten, and that PROTOCOL does not choose gRPC, which can hang in forked
    children. A batch is sent again at least every four seconds until the collector
    accepts or refuses it, and after the pause that it asks for (Retry-After), up to a
    minute.

    >>> type(otlp_exporter()).__name__
    'OTLPSpanExporter'
    """
    from opentelemetry.exporter.otlp.proto.http import trace_exporter

    for logger in (_log, logging.getLogger(trace_exporter.__name__)):
        logger.addFilter(_once_a_minute)
    if "grpc" in _otlp_variable("PROTOCOL"):
        _log.warning(
            "OTEL_EXPORTER_OTLP_PROTOCOL asks for gRPC, which can hang in forked "
            "children: spans go over HTTP, so the endpoint must be an HTTP port (4318)."
        )
    # The session of a credential provider keeps the exporter's own way to retry.
    has_session = any("CREDENTIAL_PROVIDER" in name for name in os.environ)
    return trace_exporter.OTLPSpanExporter(
        session=None if has_session else cast("Any", _session),
        timeout=None if _otlp_variable("TIMEOUT") else 4.0,
    )


class _RetryingSession:
    """Stands in for the exporter's `requests.Session`, and retries until the deadline.

    The exporter by itself drops a batch after ten seconds, takes a redirect for a
    success, and overlooks rejected spans.
    """

    verify: Any = True
    cert: Any = None
    rejected_spans = 0  # of the last batch
    deadline = math.inf  # by the monotonic clock; infinite until the process ends

    def __init__(self) -> None:
        # By process id: a forked child must not write into its parent's connections.
        self._sessions: dict[int, Any] = {}

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send a batch until the collector accepts it, or refuses it for good."""
        pause = 0.5
        while True:
            started = time.monotonic()
            response, reason = self._attempt(method, url, options)
            if not reason:
                return self._checked(response)
            if time.monotonic() > self.deadline:
                raise _UndeliveredError(reason)
            _log.warning("Spans wait and are sent again: %s.", reason)
            # Not `if response`: a response that refuses is false.
            header = "" if response is None else response.headers.get("Retry-After", "")
            seconds = int(header[:9]) if header.isdecimal() else 0
            until = time.monotonic() + min(_LONGEST_PAUSE, seconds)
            self._sleep(until if seconds else started + pause)
            pause = min(4.0, 2 * pause)

    def close(self) -> None:
        """Do nothing: the sending thread may still be at work."""

    def _attempt(self, method: str, url: str, options: dict[str, Any]) -> Any:
        """Return a response, or None; and the reason to try again, or ""."""
        import requests

        session = self._sessions.get(os.getpid())
        if session is None:
            session = self._sessions.setdefault(os.getpid(), requests.Session())
        tls = {"verify": self.verify, "cert": self.cert}
        try:
            response = session.request(method, url, **options, **tls)
        except requests.RequestException as error:
            return None, str(error)
        is_busy = response.status_code in (429, 502, 503, 504)
        return response, f"{url} answers {response.status_code}" if is_busy else ""

    def _checked(self, response: Any) -> Any:
        """Return the response, and note how many spans the collector rejected."""
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

        if 300 <= response.status_code < 400:
            raise _UndeliveredError(f"{response.url} redirects, which OTLP does not")
        self.rejected_spans = 0
        with contextlib.suppress(DecodeError):  # a body that is not OTLP's: no count
            body = service.ExportTraceServiceResponse.FromString(response.content)
            self.rejected_spans = body.partial_success.rejected_spans
        return response

    def _sleep(self, until: float) -> None:
        """Wait until a moment; not any longer once the process is ending."""
        time.sleep(0.1)
        while time.monotonic() < until and self.deadline == math.inf:
            time.sleep(0.1)


_session = _RetryingSession()  # one a process: `shutdown` sets its deadline


class _UndeliveredError(Exception):
    """The reason, for the line that the exporter logs."""


class _OnceAMinute(logging.Filter):
    """Let one line a minute through: an outage is reported, not repeated."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


_once_a_minute = _OnceAMinute()


def _make_no_spans_in_this_thread() -> None:
    """Keep the exporter's own requests out of the application's traces."""
    # Private: the key has no public name; contrib also looks for this plain string.
    key = getattr(context, "_SUPPRESS_INSTRUMENTATION_KEY", "suppress_instrumentation")
    context.attach(context.set_value(key, value=True))


def _otlp_variable(name: str) -> str:
    """Return OTEL_EXPORTER_OTLP_TRACES_…, else OTEL_EXPORTER_OTLP_…."""
    own = os.environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}")
    return own or os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")


def _positive(variable: str, default: int) -> int:
    """Return a variable as a positive integer; as in the SDK, a warning for others."""
    value = os.environ.get(variable) or str(default)
    if value.strip().isdecimal() and int(value) > 0:
        return int(value)
    _log.warning("%s=%r is not a positive integer: using %d.", variable, value, default)
    return default
