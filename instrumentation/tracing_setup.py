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

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from multiprocessing import util as multiprocessing_util
from pathlib import Path
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import (
    BatchSpanProcessor,
    ConsoleSpanExporter,
    SpanExporter,
    SpanExportResult,
)
from opentelemetry.sdk.trace.sampling import Sampler

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_REVISION_VARIABLES = (
    "VCS_REF_HEAD_REVISION",
    "GIT_COMMIT",  # Jenkins, and the usual name of a Docker build argument
    "GITHUB_SHA",
    "CI_COMMIT_SHA",  # GitLab
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "BUILD_SOURCEVERSION",  # Azure
    "SOURCE_VERSION",  # Heroku
)
_provider: TracerProvider | None = None
_starting = threading.Lock()


def start_tracing(
    service: str,
    *,
    version: str | None = None,
    environment: str | None = None,
    revision: str | None = None,
    processors: Sequence[SpanProcessor] = (),
    exporter: SpanExporter | None = None,
    wrap_exporter: Callable[[SpanExporter], SpanExporter] | None = None,
    sampler: Sampler | None = None,
    wrap_batches: Callable[[SpanProcessor], SpanProcessor] | None = None,
    exit_timeout: float = 2.0,
) -> TracerProvider:
    """Set up tracing for this process and return the provider; again: the same one.

    Args:
        service: `service.name`; OTEL_SERVICE_NAME wins over it.
        version: `service.version`.
        environment: `deployment.environment.name`; default from
            OTEL_RESOURCE_ATTRIBUTES, else "development".
        revision: `vcs.ref.head.revision`; default from the CI's variables, else from
            the git repository of the calling file.
        processors: More span processors, such as `CodeLocation()`.
        exporter: Instead of OTLP over HTTP, for instance in tests.
        wrap_exporter: Gets the exporter and returns one that stands before it, in the
            thread that sends; such as `Redaction().spans`.
        sampler: Instead of the one that OTEL_TRACES_SAMPLER names.
        wrap_batches: Gets the processor that makes batches and returns one that stands
            before it, where spans end; such as `sampler.rescue`.
        exit_timeout: Seconds that the end of the process waits for the last spans.

    Raises:
        RuntimeError: if another tracing set-up, such as `opentelemetry-instrument`,
            was there first.

    The OTEL_* variables of the SDK hold: OTEL_SDK_DISABLED, OTEL_TRACES_EXPORTER
    (otlp, console, none), OTEL_TRACES_SAMPLER, OTEL_BSP_*, OTEL_EXPORTER_OTLP_*,
    OTEL_RESOURCE_ATTRIBUTES. Only OTEL_EXPORTER_OTLP_PROTOCOL does not: gRPC can hang
    in forked children, so it is always http/protobuf. Spans leave after half a second
    (OTEL_BSP_SCHEDULE_DELAY says otherwise): who waits for them sees them at once.

    >>> provider = start_tracing("billing", version="2.4.0", environment="staging")
    >>> provider.resource.attributes["service.version"]
    '2.4.0'
    """
    global _provider
    caller = sys._getframe(1).f_code.co_filename
    with _starting:
        if _provider is not None:
            return _provider
        _refuse_second_setup()
        # Contrib's instrumentations read it once, at the first; without it: old names.
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
        resource = _resource(service, version, environment, revision, caller)
        provider = TracerProvider(sampler, resource)
        if os.environ.get("OTEL_SDK_DISABLED", "").strip().lower() != "true":
            exporter = exporter or _exporter_from_environment()
            if exporter is not None and wrap_exporter is not None:
                exporter = wrap_exporter(exporter)
            _connect(provider, processors, exporter, wrap_batches, exit_timeout)
        trace.set_tracer_provider(provider)
        _provider = provider
        return provider


def flush(timeout: float = 2.0) -> bool:
    """Send what has ended, and say whether all of it was accepted within `timeout` s.

    >>> flush()  # nothing started, nothing to send
    True
    """
    if _provider is None:
        return True
    return _provider.force_flush(int(timeout * 1000))


def shutdown(timeout: float = 2.0) -> bool:
    """Flush and stop tracing, within `timeout` seconds; say whether all arrived.

    >>> shutdown(timeout=1.0)
    True
    """
    if _provider is None:
        return True
    deadline = time.monotonic() + timeout
    arrived = flush(timeout)
    if _batches is not None:
        _batches.exit_timeout = max(0.0, deadline - time.monotonic())
    _provider.shutdown()
    return arrived


_batches: _BoundedBatches | None = None


def _connect(
    provider: TracerProvider,
    processors: Sequence[SpanProcessor],
    exporter: SpanExporter | None,
    wrap_batches: Callable[[SpanProcessor], SpanProcessor] | None,
    exit_timeout: float,
) -> None:
    """Let spans flow: `processors` in their order, then the exporter."""
    global _batches
    for processor in processors:
        provider.add_span_processor(processor)
    if exporter is None:
        return
    _limit_log_noise()
    _batches = _BoundedBatches(exporter, exit_timeout)
    provider.add_span_processor(wrap_batches(_batches) if wrap_batches else _batches)
    # A multiprocessing child ends without running atexit, but runs its finalizers.
    multiprocessing_util.register_after_fork(provider, _flush_at_child_exit)


def _exporter_from_environment() -> SpanExporter | None:
    kind = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").strip().lower()
    if kind == "none":
        return None
    if kind == "console":
        return ConsoleSpanExporter()
    if kind != "otlp":
        raise ValueError(
            f"OTEL_TRACES_EXPORTER={kind}: start_tracing() knows otlp, console and "
            f"none; for another, pass exporter=."
        )
    import requests
    from opentelemetry.exporter.otlp.proto.http import trace_exporter

    session = requests.Session()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=lambda: _forget_connections(session))
    return trace_exporter.OTLPSpanExporter(session=session)


_forgotten: list[object] = []


def _forget_connections(session: Any) -> None:
    """Give a forked child connections of its own.

    On its parent's, which stay open between exports, the requests of the two would run
    into each other. The old ones are kept, not closed: closing takes a lock that a
    thread of the parent may have held at the fork.
    """
    _forgotten.append(session.adapters)
    fresh = type(session)()
    session.adapters = fresh.adapters


class _BoundedBatches(BatchSpanProcessor):
    """The SDK's batching, with an end and a flush that keep to their time.

    The SDK's own waits 30 s for a collector that is down when a process ends, and its
    `force_flush` neither looks at its timeout nor at whether the export succeeded.
    """

    def __init__(self, exporter: SpanExporter, exit_timeout: float) -> None:
        self.exit_timeout = exit_timeout
        self._outcome = _Outcome(exporter)
        delay = None if "OTEL_BSP_SCHEDULE_DELAY" in os.environ else 500
        super().__init__(self._outcome, schedule_delay_millis=delay)

    def shutdown(self) -> None:
        """Give the worker thread `exit_timeout` seconds to send what is left."""
        self._batch_processor.shutdown(timeout_millis=int(self.exit_timeout * 1000))

    def force_flush(self, timeout_millis: int | None = None) -> bool:
        """Return whether all that was waiting has been accepted in time."""
        lost, done = self._outcome.lost, threading.Event()
        flush = super().force_flush

        def send() -> None:
            if flush():
                done.set()

        try:
            threading.Thread(target=send, daemon=True).start()
        except RuntimeError:  # the interpreter is ending; shutdown() sends the rest
            return False
        in_time = done.wait((2000 if timeout_millis is None else timeout_millis) / 1000)
        return in_time and self._outcome.lost == lost


class _Outcome(SpanExporter):
    """Counts the spans that an exporter could not deliver: the SDK does not look."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter
        self.lost = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            if result is not SpanExportResult.SUCCESS:
                self.lost += len(spans)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


def _flush_at_child_exit(_: TracerProvider) -> None:
    multiprocessing_util.Finalize(None, flush, exitpriority=0)


class _OncePerMinute(logging.Filter):
    """Lets one line a minute through: a collector that is down is said, not shouted."""

    _next = 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        if now < self._next:
            return False
        self._next = now + 60
        return True


def _limit_log_noise() -> None:
    once = _OncePerMinute()
    for name in (
        "opentelemetry.exporter.otlp.proto.http.trace_exporter",
        "opentelemetry.sdk._shared_internal",
    ):
        logging.getLogger(name).addFilter(once)


def _refuse_second_setup() -> None:
    if not isinstance(trace.get_tracer_provider(), TracerProvider):
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


def _resource(
    service: str,
    version: str | None,
    environment: str | None,
    revision: str | None,
    caller: str,
) -> Resource:
    """Say what runs here: the argument, else the environment, else what is found."""
    known = OTELResourceDetector().detect().attributes
    key = "vcs.ref.head.revision"
    variables = (os.environ.get(name) for name in _REVISION_VARIABLES)
    revision = revision or next(filter(None, variables), None)
    given = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME") or service,
        "service.version": version,
        "deployment.environment.name": environment
        or known.get("deployment.environment.name", "development"),
        key: revision or known.get(key) or _git_revision(Path(caller).parent),
    }
    return Resource.create({name: value for name, value in given.items() if value})


def _git_revision(folder: Path) -> str | None:
    """Return the commit that is checked out around `folder`, if git knows one."""
    # git itself, because only it reads worktrees, packed refs and reftables alike.
    command = ["git", "-C", str(folder), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=2)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() if answer.returncode == 0 else None
