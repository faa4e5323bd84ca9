# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Spans for Celery, on both sides of the queue: one line, `trace_celery(app)`.

Use: `trace_celery(app)` after `app = Celery(...)`, in every process that publishes or
works. Each message is a `send` span, each attempt of a task a `process` span in the
same trace. The time in the queue is measured apart from a requested delay.
Needs: pip install opentelemetry-api~=1.45 celery~=5.4
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from celery import Celery
    from celery.contrib.testing.worker import start_worker
    from celery_tracing import trace_celery
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    app = Celery("shop", broker="memory://", backend="cache+memory://")
    trace_celery(app)

    @app.task(name="receipts.deliver")
    def deliver(order: int) -> None:
        print(f"delivering {order}")

    with start_worker(app, perform_ping_check=False):  # yours: celery -A shop worker
        deliver.delay(7).get(timeout=10)

You will see:
    PRODUCER send receipts.deliver
      CONSUMER process receipts.deliver
          kit.task.attempt = 1
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import linecache
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from celery import Celery, signals
from celery.app.task import Context as TaskRequest
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.utils import uuid
from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import Link, Span, SpanKind, StatusCode, TracerProvider

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

PREFIX = "kit."  # of the attributes that no convention names: choose your own

_SENT_AT = "kit_sent_at"  # header: Unix time in seconds, when the message was sent
_FLUSH_SECONDS = 2.0
_ARGUMENTS = [*inspect.signature(Celery.send_task).parameters][2:]  # after the name


def trace_celery(
    app: Celery,
    *,
    mode: Literal["parent", "link"] = "parent",
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Trace the messages that `app` publishes and the tasks that it runs.

    Args:
        app: A second call for the same app does nothing.
        mode: "parent": the task belongs to the trace that sent it, which suits one
            task per message. "link": the task is a trace of its own, linked to its
            sender, which suits a fan-out to thousands; its retries stay in the trace
            of the first attempt. Business fields travel in both modes.
        tracer_provider: Default: the global one.

    Raises:
        ValueError: if `mode` is another word.
        RuntimeError: if contrib's instrumentation of Celery is on as well.

    The destination is the task's name: readers look for it, and both sides know it.
    The queue is in `kit.queue.name`. The system is "celery" with any broker: the
    conventions have no name for it, and a broker is replaced more easily than Celery.
    The worker's main process makes the `process` span of an attempt whose process died
    (hard time limit, out of memory), and of a message that was revoked or has expired.
    Source: semantic conventions, "Messaging spans" (development).

    >>> app = Celery("shop", broker="memory://")
    >>> trace_celery(app, mode="link")
    """
    if mode not in ("parent", "link"):
        raise ValueError(f'mode={mode!r}: use "parent" or "link".')
    if hasattr(app.send_task, "__otel_traced__"):
        return
    _refuse_contrib()
    name = "tracing_starter_kit.celery"
    tracer = trace.get_tracer(name, tracer_provider=tracer_provider)
    # delay, apply_async, retry, canvas and beat all end in this one method.
    app.send_task = _traced(app.send_task, tracer)  # type: ignore[method-assign]
    worker = _Worker(app, tracer, is_linked=mode == "link")
    # Celery 5.4 takes the methods of two workers, of two apps, for one receiver.
    options: Any = {"weak": False, "dispatch_uid": f"{name}.{id(worker)}"}
    signals.task_prerun.connect(worker.begin, **options)
    signals.task_postrun.connect(_end, weak=False)  # one for all apps
    signals.task_revoked.connect(worker.revoked, **options)
    signals.worker_init.connect(worker.watch, **options)
    flush = functools.partial(_flush, tracer_provider)
    signals.worker_process_shutdown.connect(flush, weak=False)


def _refuse_contrib() -> None:
    contrib = sys.modules.get("opentelemetry.instrumentation.celery")
    if contrib and contrib.CeleryInstrumentor().is_instrumented_by_opentelemetry:
        raise RuntimeError(
            "Contrib's CeleryInstrumentor is on already, and each message would have "
            "two spans. Remove celery from the instrumented libraries "
            "(OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=celery), or remove trace_celery()."
        )


def _traced(send_task: Callable[..., Any], tracer: trace.Tracer) -> Callable[..., Any]:
    """Wrap `app.send_task`: a PRODUCER span, whose context travels in the headers."""

    @functools.wraps(send_task)
    def traced_send_task(name: str, *args: Any, **options: Any) -> Any:
        options |= zip(_ARGUMENTS, args)  # noqa: B905 - as many as there are
        task_id = options["task_id"] = options.get("task_id") or uuid()
        attributes = _messaging("send", name, task_id)
        span = tracer.start_span(f"send {name}", None, SpanKind.PRODUCER, attributes)
        token = context.attach(trace.set_span_in_context(span))
        headers = {**(options.pop("headers", None) or {}), _SENT_AT: time.time()}
        try:
            propagate.inject(headers)
            return send_task(name, headers=headers, **options)
        except BaseException as exc:
            _record_error(span, exc)
            raise
        finally:
            context.detach(token)
            span.end()

    traced_send_task.__otel_traced__ = True  # type: ignore[attr-defined]
    return traced_send_task


class _Worker:
    """Makes a CONSUMER span of each attempt of a task."""

    def __init__(self, app: Celery, tracer: trace.Tracer, *, is_linked: bool) -> None:
        self._app, self._tracer, self._is_linked = app, tracer, is_linked
        self._main_pid, self._code_of = 0, functools.cache(_code_attributes)

    def begin(self, task: Any, **_: object) -> None:
        """Start the span, just before the task runs."""
        if task.app == self._app:
            postrun: Any = signals.task_postrun
            if postrun.receivers[-1][1] is not _end:
                with postrun.lock:  # other handlers still find the span current
                    postrun.receivers.sort(key=lambda pair: pair[1] is _end)
            span, parent = self._start(task, task.request, time.time())
            token = context.attach(trace.set_span_in_context(span, parent))
            is_child = self._main_pid not in (0, os.getpid())
            vars(task.request)["__otel_process__"] = span, token, is_child

    def revoked(self, sender: Any, request: Any, **signal: Any) -> None:
        """Make the span of a message that never began."""
        if sender.app == self._app and not signal["terminated"]:
            self._make(sender, request, time.time(), "REVOKED", None)

    def watch(self, **_: object) -> None:
        """Notice in the worker's main process that the process of an attempt died."""
        if self._main_pid:  # a second worker in this process
            return
        self._main_pid = os.getpid()
        # Not at the top: it imports the whole worker, which a publisher never needs.
        from celery.worker.request import Request

        on_timeout, on_failure = Request.on_timeout, Request.on_failure
        terminate = Request.terminate

        def timed_out(message: Any, soft: Any, timeout: float) -> None:
            on_timeout(message, soft, timeout)
            if not soft:
                self._died(message, "FAILURE", TimeLimitExceeded(timeout))

        def failed(message: Any, exc_info: Any, *args: Any, **options: Any) -> Any:
            exc = getattr(exc_info.exception, "exc", exc_info.exception)
            if isinstance(exc, WorkerLostError | SystemExit | KeyboardInterrupt):
                self._died(message, "FAILURE", WorkerLostError(f"Died: {exc}"))
            return on_failure(message, exc_info, *args, **options)

        def terminated(message: Any, *args: Any, **options: Any) -> None:
            terminate(message, *args, **options)
            if message.time_start:  # if not, it is called again at the start
                self._died(message, "REVOKED", None)

        Request.on_timeout = timed_out  # type: ignore[assignment,method-assign]
        Request.on_failure = failed  # type: ignore[assignment,method-assign]
        Request.terminate = terminated  # type: ignore[assignment,method-assign]

    def _died(self, message: Any, *outcome: Any) -> None:
        """Make the span of an attempt that its own process could not end, once."""
        if message.task.app == self._app and not hasattr(message, "__otel_ended__"):
            message.__otel_ended__ = True
            request, start = TaskRequest(message.request_dict), message.time_start
            self._make(message.task, request, start or time.time(), *outcome)

    def _make(self, task: Any, request: Any, start: float, *outcome: Any) -> None:
        span, _ = self._start(task, request, start)
        _set_outcome(span, task, *outcome)
        span.end()

    def _start(self, task: Any, request: Any, now: float) -> tuple[Span, Context]:
        parent, links = self._parent(request)
        attributes = _messaging("process", task.name, str(request.id))
        attributes |= self._code_of(task.run) | _attempt(request)
        attributes |= self._waited(request, now)
        name, kind, start = f"process {task.name}", SpanKind.CONSUMER, int(now * 1e9)
        span = self._tracer.start_span(name, parent, kind, attributes, links, start)
        return span, parent

    def _parent(self, request: Any) -> tuple[Context, list[Link]]:
        """Return the context to run in, and a link instead of a parent in link mode."""
        if request.is_eager:  # no queue: called like a function
            return context.get_current(), []
        # Celery makes attributes of the request out of a message's headers.
        extracted = propagate.extract(vars(request), Context())
        sender = trace.get_current_span(extracted).get_span_context()
        if not self._is_linked or request.retries or not sender.is_valid:
            return extracted, []
        unparented = trace.set_span_in_context(trace.INVALID_SPAN, extracted)
        return unparented, [Link(sender)]

    def _waited(self, request: Any, now: float) -> dict[str, float]:
        """Return the time in the queue, apart from a requested delay."""
        sent_at: float | None = getattr(request, _SENT_AT, None)
        if sent_at is None:
            return {}
        duration = f"{PREFIX}queue.duration_ms"
        if not request.eta:
            return {duration: _ms(now - sent_at)}
        eta = datetime.fromisoformat(request.eta)
        due = eta.replace(tzinfo=eta.tzinfo or self._app.timezone).timestamp()
        return {
            duration: _ms(now - max(sent_at, due)),
            f"{PREFIX}queue.scheduled_delay_ms": _ms(due - sent_at),
        }


def _end(task: Any, state: str | None, retval: object, **_: object) -> None:
    """End the span with the outcome of the attempt, after all other handlers."""
    span, token, is_child = vars(task.request).pop("__otel_process__", [None] * 3)
    if span is None:
        return
    context.detach(token)
    # A signal ends the attempt: the worker's main process makes its span.
    if is_child and not state and not isinstance(sys.exc_info()[1], Exception):
        return
    try:
        _set_outcome(span, task, state, retval)
    finally:
        span.end()


def _messaging(operation: str, task: str, message: str) -> dict[str, Any]:
    return {
        "messaging.system": "celery",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": task,
        "messaging.message.id": message,
    }


def _attempt(request: Any) -> dict[str, str | int]:
    attributes = {
        f"{PREFIX}task.attempt": (request.retries or 0) + 1,
        f"{PREFIX}queue.name": (request.delivery_info or {}).get("routing_key"),
        f"{PREFIX}worker.name": request.hostname,
    }
    return {name: value for name, value in attributes.items() if value is not None}


def _set_outcome(span: Span, task: Any, state: str | None, retval: object) -> None:
    # Without a state the task was interrupted, and its exception is still on the way.
    exc: Any = retval if state else sys.exc_info()[1]
    is_expected = state in ("IGNORED", "REJECTED") or isinstance(exc, task.throws or ())
    if state:
        span.set_attribute(f"{PREFIX}task.state", state)
    if state == "RETRY":
        span.set_attribute(f"{PREFIX}task.retry_reason", str(retval))
    elif not is_expected:
        _record_error(span, exc)


def _ms(seconds: float) -> float:
    # The clocks of two machines differ: a negative time counts as none.
    return round(max(0.0, seconds) * 1000, 3)


def _flush(provider: TracerProvider | None, **_: object) -> None:
    """Send the last spans of a worker process, which ends without running `atexit`.

    In a thread, because the SDK's `force_flush` ignores its time limit, and a dead
    collector must not hold up the pool.
    """
    flush = getattr(provider or trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        thread = threading.Thread(target=flush, daemon=True)
        thread.start()
        thread.join(_FLUSH_SECONDS)


def _code_attributes(function: Callable[..., object]) -> dict[str, str | int]:
    """Return the `code.*` attributes of your function, without its decorators."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None or "site-packages" in code.co_filename:
        return {}
    # A code object starts at its first decorator; people expect the line of `def`.
    lines = linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :]
    to_def = (n for n, line in enumerate(lines) if f"def {code.co_name}" in line)
    return {
        "code.function.name": f"{function.__module__}.{function.__qualname__}",
        "code.file.path": _relative_path(code.co_filename),
        "code.line.number": code.co_firstlineno + next(to_def, 0),
    }


@functools.cache
def _relative_path(filename: str) -> str:
    """Return the path within the nearest folder with .git (else pyproject.toml)."""
    path = Path(filename).absolute()
    for marker in (".git", "pyproject.toml"):
        for parent in path.parents:
            if (parent / marker).exists():
                return path.relative_to(parent).as_posix()
    return filename


def _record_error(span: Span, exc: BaseException) -> None:
    """Set ERROR, `error.type` and the message; record the exception, once a trace."""
    # GeneratorExit, CancelledError and SystemExit are usual ends, not errors.
    if not isinstance(exc, Exception) or not span.is_recording():
        return
    with contextlib.suppress(Exception):  # whatever its class does, this is silent
        if getattr(type(exc), "__otel_expected__", False):
            return
        kind = f"{type(exc).__module__}.{type(exc).__qualname__}"
        name = kind.removeprefix("builtins.")
        try:  # a lone surrogate in a message would make OTLP refuse the whole batch
            message = str(exc)[:4096].encode(errors="replace").decode()
        except Exception:  # noqa: BLE001 - a class may raise anything in __str__
            message = "(no message: its __str__ failed)"
        span.set_status(StatusCode.ERROR, message)
        span.set_attribute("error.type", name)
        trace_id = span.get_span_context().trace_id
        # Not getattr() and setattr(): a class can override them, and raise.
        marks = BaseException.__getattribute__(exc, "__dict__")
        if marks.get("__otel_recorded__") != trace_id:
            marks["__otel_recorded__"] = trace_id
            event = {"exception.type": name, "exception.message": message}
            stack = _stack_of(exc)
            span.add_event("exception", {**event, "exception.stacktrace": stack})


def _stack_of(exc: Exception) -> str:
    """Return the stack trace of an exception and its causes, as Python prints it."""
    # Your frames only, and the innermost 50 of a runaway recursion. Without the "^^^^"
    # markers, which take three times as long as everything else together.
    frames = traceback.walk_tb(exc.__traceback__)
    yours = (f for f in frames if "__tracing_helper__" not in f[0].f_globals)
    stack = traceback.StackSummary.extract(yours, limit=-50)
    try:
        report = traceback.TracebackException(type(exc), exc, None, limit=-50)
        report.stack = stack
        lines = [*report.format()]
    except Exception:  # noqa: BLE001 - a class may raise anything in __getattr__
        lines = [*stack.format(), f"{type(exc).__qualname__}\n"]
    return "".join(lines)[-32768:].encode(errors="replace").decode()
