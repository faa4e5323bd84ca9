# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Start tracing in one call: `start_tracing("billing")`.

Use: first thing in the process. Sends OTLP over HTTP to OTEL_EXPORTER_OTLP_ENDPOINT
(default: this machine, port 4318), survives forks, and never holds up an exit for
longer than two seconds, whatever the collector does.
Needs: pip install opentelemetry-exporter-otlp-proto-http~=1.45 requests~=2.32
From the tracing starter kit 0.1.0.

Example:
    from opentelemetry import trace
    from tracing_setup import start_tracing

    start_tracing("billing", version="2.4.0", environment="staging")
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
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from importlib.metadata import entry_points
from multiprocessing import parent_process
from multiprocessing import util as multiprocessing_util
from pathlib import Path
from typing import Any, cast

from opentelemetry import context, trace
from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import Sampler

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_REVISION_VARIABLES = (
    "VCS_REF_HEAD_REVISION",
    "GIT_COMMIT",  # Jenkins, and the usual name of a Docker build argument
    "GITHUB_SHA",
    "CI_COMMIT_SHA",  # GitLab
    "BITBUCKET_COMMIT",
    "BUILDKITE_COMMIT",
    "CIRCLE_SHA1",
    "BUILD_SOURCEVERSION",  # Azure
    "CODEBUILD_RESOLVED_SOURCE_VERSION",  # AWS
    "HEROKU_SLUG_COMMIT",
    "SOURCE_VERSION",  # Heroku, while it builds
)
_PATIENCE = 60  # seconds that a collector may ask for
_log = logging.getLogger(__name__)
_starting = threading.Lock()
_provider: TracerProvider | None = None
_first_call: tuple[object, ...] = ()
_batches: list[_Batches] = []


def start_tracing(
    service: str,
    *,
    version: str | None = None,
    environment: str | None = None,
    revision: str | None = None,
    processors: Sequence[SpanProcessor] = (),
    sampler: Sampler | None = None,
    exporter: SpanExporter | None = None,
    wrap_exporter: Callable[[SpanExporter], SpanExporter] | None = None,
    wrap_batches: Callable[[SpanProcessor], SpanProcessor] | None = None,
    exit_timeout: float = 2.0,
) -> TracerProvider:
    """Set up tracing for this process and return the provider; again: the same one.

    Args:
        service: `service.name`.
        version: `service.version`.
        environment: `deployment.environment.name`; default: "development".
        revision: `vcs.ref.head.revision`; default from the CI's variables, else from
            the git repository of the calling file.
        processors: More span processors, such as `CodeLocation()`.
        sampler: Which traces to keep; default: all, and what a caller decided.
        exporter: Instead of OTLP over HTTP, for instance in tests.
        wrap_exporter: Gets each exporter and returns what is used in its place, in the
            thread that sends; such as `Redaction().spans`.
        wrap_batches: Gets each processor that makes batches and returns one that
            stands before it, where spans end; such as `sampler.rescue`.
        exit_timeout: Seconds that the end of the process waits for the last spans.

    Raises:
        RuntimeError: if another tracing set-up was there first, such as
            `opentelemetry-instrument`, or this one with other arguments.
        ValueError: if a variable names an exporter, a sampler or another plug-in that
            is not installed.

    The OTEL_* variables win over the arguments. All that the SDK knows hold, except:
    OTEL_CONFIG_FILE is refused; OTEL_EXPORTER_OTLP_PROTOCOL does not choose gRPC,
    which can hang in forked children; OTEL_BSP_EXPORT_TIMEOUT is without effect, as in
    the SDK; there are no metrics of the batches (OTEL_PYTHON_SDK_INTERNAL_METRICS_…).

    Two defaults are not the SDK's. Spans leave half a second after they end, not five
    (OTEL_BSP_SCHEDULE_DELAY): who waits for them sees them at once. A request to the
    collector may take four seconds, not ten (OTEL_EXPORTER_OTLP_TIMEOUT), and is made
    again at least every four: spans flow again within five seconds of its return, and
    what has ended meanwhile is kept, up to OTEL_BSP_MAX_QUEUE_SIZE (2048) spans. A
    collector that asks for a pause (Retry-After) gets it, up to a minute; the end of
    the process does not wait for that.

    >>> provider = start_tracing("billing", version="2.4.0", environment="staging")
    >>> provider.resource.attributes["service.version"]
    '2.4.0'
    """
    global _provider, _first_call
    caller = sys._getframe(1).f_code.co_filename
    wraps = (wrap_exporter, wrap_batches)
    kinds = [type(part) for part in (*processors, sampler, exporter, *wraps)]
    call = (service, version, environment, revision, exit_timeout, *kinds)
    with _starting:
        if _provider is not None:
            _refuse_other_call(call)
            return _provider
        _refuse_second_setup()
        # Contrib's instrumentations read it once, at the first; without it: old names.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
        resource = _resource(service, version, environment, revision, caller)
        provider = TracerProvider(resource=resource, **_provider_options(sampler))
        _keep_instance_id(provider)
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true":
            for one in _exporters(exporter):
                wrapped = wrap_exporter(one) if wrap_exporter else one
                _batches.append(_Batches(wrapped, exit_timeout))
            ends = [wrap_batches(one) if wrap_batches else one for one in _batches]
            for processor in (*processors, *ends):
                provider.add_span_processor(processor)
            # A multiprocessing child runs its finalizers, and no atexit.
            multiprocessing_util.register_after_fork(provider, _flush_at_child_exit)
            if parent_process():  # this is one, which no fork tells so
                _flush_at_child_exit(provider)
        trace.set_tracer_provider(provider)
        _provider, _first_call = provider, call
        return provider


def flush(timeout: float = 2.0) -> bool:
    """Send what has ended, within `timeout` seconds.

    Returns:
        Whether all that ended since the last call has been accepted.

    >>> flush()  # nothing started, nothing to send
    True
    """
    return _provider is None or _provider.force_flush(int(timeout * 1000))


def shutdown(timeout: float = 2.0) -> bool:
    """Flush and stop tracing, within `timeout` seconds; say whether all arrived.

    >>> shutdown(timeout=1.0)
    True
    """
    deadline = time.monotonic() + timeout
    arrived = flush(timeout)
    for batches in _batches:
        batches.exit_timeout = max(0.0, deadline - time.monotonic())
    if _provider is not None:
        _provider.shutdown()
    return arrived


def _exporters(given: SpanExporter | None) -> Iterator[SpanExporter]:
    """Yield the exporters of OTEL_TRACES_EXPORTER, a list; else `given`, else OTLP."""
    group = "opentelemetry_traces_exporter"
    names = os.environ.get("OTEL_TRACES_EXPORTER") or ("" if given else "otlp")
    if given and not names:
        yield given
    for name in filter(None, map(str.strip, names.lower().split(","))):
        found = entry_points(group=group, name=name)
        if name in ("otlp", "otlp_proto_http"):
            yield _otlp_exporter()
        elif found:
            yield next(iter(found)).load()()
        elif name != "none":
            known = ", ".join(
                sorted({"otlp", "none", *entry_points(group=group).names})
            )
            raise ValueError(
                f"OTEL_TRACES_EXPORTER={name}: no package here provides it. Use one or "
                f"more of {known}, or install the package that does."
            )


def _otlp_exporter() -> SpanExporter:
    from opentelemetry.exporter.otlp.proto.http import trace_exporter

    for logger in (_log, logging.getLogger(trace_exporter.__name__)):
        logger.addFilter(_once_a_minute)
    if "grpc" in _otlp_variable("PROTOCOL"):
        _log.warning(
            "OTEL_EXPORTER_OTLP_PROTOCOL asks for gRPC, which can hang in forked "
            "children: spans go over HTTP, so the endpoint must be an HTTP port (4318)."
        )
    # A session that comes with credentials keeps the exporter's own way to try again.
    own_session = any("CREDENTIAL_PROVIDER" in name for name in os.environ)
    return trace_exporter.OTLPSpanExporter(
        session=None if own_session else cast("Any", _collector),
        timeout=None if _otlp_variable("TIMEOUT") else 4.0,
    )


def _otlp_variable(name: str) -> str:
    of_traces = os.environ.get(f"OTEL_EXPORTER_OTLP_TRACES_{name}")
    return of_traces or os.environ.get(f"OTEL_EXPORTER_OTLP_{name}", "")


class _UndeliveredError(Exception):
    """The reason, for the line that the exporter logs."""


class _Collector:
    """What the exporter takes for its `requests.Session`; it goes on until it is told.

    The exporter by itself drops a batch after ten seconds, most of them without a
    request; takes a redirect for a success; and overlooks what is rejected.

    Attributes:
        rejected: How many spans of the last batch the collector did not want.
        until: When to give up, by the monotonic clock in seconds.
    """

    verify: Any = True
    cert: Any = None
    rejected = 0
    until = math.inf

    def __init__(self) -> None:
        # A forked child must not write into the connections of its parent.
        self._session_of: dict[int, Any] = {}

    def request(self, method: str, url: str, **options: Any) -> Any:
        """Send a batch until it is accepted, or refused for good."""
        pause = 0.5
        while True:
            started = time.monotonic()
            answer, reason = self._attempt(method, url, options)
            if not reason:
                return self._read(answer)
            if time.monotonic() > self.until:
                raise _UndeliveredError(reason)
            _log.warning("Spans are kept, and sent again: %s.", reason)
            # Not `if answer`: one that refuses is false.
            said = "" if answer is None else answer.headers.get("Retry-After", "")
            asked = min(_PATIENCE, int(said[:9])) if said.isdecimal() else 0
            self._rest(time.monotonic() + asked if asked else started + pause)
            pause = min(4.0, 2 * pause)

    def close(self) -> None:
        """Do nothing: the sending thread may still be at work."""

    def _attempt(self, method: str, url: str, options: dict[str, Any]) -> Any:
        """Return an answer and, if it is worth to try again, the reason why."""
        import requests

        more = {"verify": self.verify, "cert": self.cert}
        session = self._session_of.get(os.getpid())
        if session is None:
            session = self._session_of.setdefault(os.getpid(), requests.Session())
        try:
            answer = session.request(method, url, **options, **more)
        except requests.RequestException as error:
            return None, str(error)
        is_busy = answer.status_code in (429, 502, 503, 504)
        return answer, f"{url} answers {answer.status_code}" if is_busy else ""

    def _read(self, answer: Any) -> Any:
        from google.protobuf.message import DecodeError
        from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as service

        if 300 <= answer.status_code < 400:
            raise _UndeliveredError(f"{answer.url} redirects, which OTLP does not")
        self.rejected = 0
        with contextlib.suppress(DecodeError):  # says nothing that we know
            body = service.ExportTraceServiceResponse.FromString(answer.content)
            self.rejected = body.partial_success.rejected_spans
        return answer

    def _rest(self, moment: float) -> None:
        """Wait for a moment, unless the process ends: then there is no time for it."""
        time.sleep(0.1)
        while time.monotonic() < moment and self.until == math.inf:
            time.sleep(0.1)


_collector = _Collector()


class _Batches(SpanProcessor):
    """Sends what ends in batches, like the SDK's, with a flush and an end that hold.

    The SDK's waits 30 s for a collector that is down when a process ends; and its
    `force_flush` looks neither at its timeout nor at what became of the spans.
    """

    def __init__(self, exporter: SpanExporter, exit_timeout: float) -> None:
        self._exporter, self.exit_timeout = exporter, exit_timeout
        self._delay = _number("OTEL_BSP_SCHEDULE_DELAY", 500) / 1000
        self._limit = _number("OTEL_BSP_MAX_QUEUE_SIZE", 2048)
        self._size = min(self._limit, _number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512))
        self._begin()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        """Start anew, in each process: what waits is sent by the parent."""
        # Spans, and the questions of flush() between them. Full: without the oldest.
        self._waiting: deque[Any] = deque(maxlen=self._limit)
        # No lock of Python's own is held here: a finalizer may end a span at any time.
        self._calls: Any = queue.SimpleQueue()
        self._lock = threading.Lock()  # nobody waits for it
        self._called = self._ended = False
        self._lost = self._answered = 0
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()

    def on_end(self, span: ReadableSpan) -> None:
        """Let a span wait: this is all that it costs the code that is traced."""
        if span.context and span.context.trace_flags.sampled and not self._ended:
            self._take(span)

    def force_flush(self, timeout_millis: int = 2000) -> bool:
        """Return whether all that ended since the last time is accepted, in time."""
        if self._ended:
            return self._lost == self._answered
        answer: Any = queue.SimpleQueue()
        self._take(answer)
        self._calls.put(None)
        try:
            return bool(self._thread and answer.get(timeout=timeout_millis / 1000))
        except queue.Empty:
            with contextlib.suppress(ValueError, IndexError):  # it is on its way out
                self._waiting.remove(answer)
            return False

    def shutdown(self) -> None:
        """Send what is left, for `exit_timeout` seconds."""
        self._ended = True
        _collector.until = time.monotonic() + self.exit_timeout
        self._calls.put(None)
        if self._thread:
            self._thread.join(self.exit_timeout)
        else:
            self._send()
        self._exporter.shutdown()

    def _take(self, item: Any) -> None:
        if self._thread is None or self._pid != os.getpid():
            self._start()
        if len(self._waiting) == self._limit:
            self._lost += 1
        self._waiting.append(item)
        if len(self._waiting) >= self._size and not self._called:
            self._called = True
            self._calls.put(None)

    def _start(self) -> None:
        """Start the thread of this process, which may be a fork unknown to Python."""
        lock = self._lock
        if lock.acquire(blocking=False):
            if self._pid != os.getpid():
                self._begin()
                self._lock = lock  # it is taken, and it is ours
            # With the thread: gevent may have exchanged both since start_tracing().
            self._calls = queue.SimpleQueue()
            thread = threading.Thread(target=self._work, name="spans", daemon=True)
            # The interpreter starts no more when it ends: then shutdown() sends.
            with contextlib.suppress(RuntimeError):
                thread.start()
                self._thread = thread
            lock.release()

    def _work(self) -> None:
        # What the exporter does is no work of the application: no spans of it.
        context.attach(context.set_value(_SUPPRESS_INSTRUMENTATION_KEY, value=True))
        while not self._ended:
            with contextlib.suppress(queue.Empty):
                self._calls.get(timeout=self._delay)
            self._called = True
            self._send()
            self._called = False

    def _send(self) -> None:
        """Send all that waits, and answer the questions that wait between it."""
        lost, batch = self._lost, list[ReadableSpan]()
        for item in self._items():
            if isinstance(item, ReadableSpan):
                batch.append(item)
                if len(batch) < self._size:
                    continue
            self._export(batch)
            batch = []
            if not isinstance(item, ReadableSpan):
                item.put(self._lost == self._answered)
                self._answered = self._lost
        self._export(batch)
        if self._lost > lost:
            _log.warning("%d spans are lost.", self._lost)

    def _items(self) -> Iterator[Any]:
        with contextlib.suppress(IndexError):  # nothing waits any more
            while True:
                yield self._waiting.popleft()

    def _export(self, batch: list[ReadableSpan]) -> None:
        lost = len(batch)
        try:
            if not batch or self._exporter.export(batch) is SpanExportResult.SUCCESS:
                lost, _collector.rejected = _collector.rejected, 0
        except Exception:  # noqa: BLE001 - the thread goes on with the next batch
            _log.exception("The exporter failed.")
        self._lost += lost


class _OnceAMinute(logging.Filter):
    """Lets one line a minute through: a collector that is down is said, not shouted."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


_once_a_minute = _OnceAMinute()


def _flush_at_child_exit(_: TracerProvider) -> None:
    seconds = max((batches.exit_timeout for batches in _batches), default=0.0)
    multiprocessing_util.Finalize(None, flush, args=(seconds,), exitpriority=0)


def _refuse_other_call(call: tuple[object, ...]) -> None:
    if call != _first_call:
        raise RuntimeError(
            f"start_tracing({call[0]!r}) after start_tracing({_first_call[0]!r}) with "
            f"other arguments: a process has one. Keep the call that comes first."
        )


def _refuse_second_setup() -> None:
    if os.environ.get("OTEL_CONFIG_FILE"):
        raise RuntimeError(
            "OTEL_CONFIG_FILE is set, which start_tracing() does not read: keep the "
            "file and start with opentelemetry-instrument, or unset it."
        )
    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        return
    if "opentelemetry.instrumentation.auto_instrumentation" in sys.modules:
        raise RuntimeError(
            "This process was started with opentelemetry-instrument, which has set up "
            "tracing already: keep start_tracing() and start without that command, or "
            "keep the command and do not call start_tracing()."
        )
    raise RuntimeError(
        "A tracer provider is set already: keep start_tracing() and remove the other "
        "call of set_tracer_provider(), or keep that one and do not call this."
    )


def _provider_options(sampler: Sampler | None) -> dict[str, Any]:
    """Return what the SDK reads from the environment in its own set-up only."""
    names = ("OTEL_TRACES_SAMPLER", "OTEL_PYTHON_ID_GENERATOR")
    if not any(map(os.environ.get, (*names, "OTEL_PYTHON_TRACER_CONFIGURATOR"))):
        return {"sampler": sampler}
    from opentelemetry.sdk import _configuration as sdk

    configurator = sdk._import_tracer_configurator(sdk._get_tracer_configurator())
    return {
        "sampler": sdk._import_sampler(sdk._get_sampler()) or sampler,
        "id_generator": sdk._import_id_generator(sdk._get_id_generator()),
        "_tracer_configurator": configurator,
    }


def _number(variable: str, default: int) -> int:
    """Return what a variable says, as the SDK does: what is no number is said."""
    value = os.environ.get(variable) or str(default)
    if value.strip().isdecimal() and int(value) > 0:
        return int(value)
    _log.warning("%s=%s is no number above 0: it is %d.", variable, value, default)
    return default


def _resource(
    service: str,
    version: str | None,
    environment: str | None,
    revision: str | None,
    caller: str,
) -> Resource:
    """Say what runs here: the OTEL_* variables, the argument, or what is found."""
    known = OTELResourceDetector().detect().attributes
    found = filter(None, (os.environ.get(name) for name in _REVISION_VARIABLES))
    key = "vcs.ref.head.revision"
    given = {
        "service.name": service,
        "service.version": version,
        "deployment.environment.name": environment or "development",
        key: known.get(key) or revision or next(found, None) or _git_revision(caller),
    }
    given = {name: value for name, value in given.items() if value}
    return Resource.create({**given, **known})


def _keep_instance_id(provider: TracerProvider) -> None:
    """Let children have the id that the environment names: the SDK makes up theirs."""
    given = OTELResourceDetector().detect().attributes.get("service.instance.id")
    if given and hasattr(os, "register_at_fork"):
        again = Resource({"service.instance.id": given})
        os.register_at_fork(after_in_child=lambda: provider._update_resource(again))


def _git_revision(file: str) -> str | None:
    """Return the commit that is checked out around `file`, if git knows one."""
    # git itself, because only it reads worktrees, packed refs and reftables alike.
    command = ["git", "-C", str(Path(file).parent), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=2)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
