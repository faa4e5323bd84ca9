# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Spans for Celery, on both sides of the queue: one line, `trace_celery(app)`.

Use: `trace_celery(app)` after `app = Celery(...)`, in every process that publishes or
works. A `send` span for each message, a `process` span for each attempt of a task, in
one trace, with the time in the queue apart from a delay that was asked for.
Needs: pip install opentelemetry-api~=1.45 celery~=5.4
From the tracing starter kit 0.1.0.

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
import sys
import threading
import time
import traceback
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from celery import Celery, Task, signals
from celery.app.task import Context
from celery.exceptions import TimeLimitExceeded, WorkerLostError
from celery.utils import uuid
from celery.utils.imports import symbol_by_name
from opentelemetry import context, propagate, trace
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import (
    INVALID_SPAN,
    Link,
    Span,
    SpanKind,
    StatusCode,
    TracerProvider,
)

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_SENT_AT = "kit_sent_at"  # header: Unix time in seconds, when the message was sent
_FLUSH_SECONDS = 2.0


def trace_celery(
    app: Celery,
    *,
    mode: Literal["parent", "link"] = "parent",
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Trace what `app` publishes and what it works on.

    Args:
        app: A second call for the same app does nothing.
        mode: "parent": the task belongs to the trace that sent it, which suits one
            task per message. "link": the task is a trace of its own, linked to its
            sender, which suits a fan-out to thousands; its retries stay in the trace
            of the first attempt. Business fields travel in both.
        tracer_provider: Default: the global one.

    Raises:
        ValueError: for another mode.

    The destination is the task's name: that is what the reader looks for, and what
    both sides know. The queue it went through is in `kit.queue.name`. The system is
    "celery", whatever the broker: the conventions have no name for it, and a broker
    is exchanged more easily than Celery.
    An attempt whose process died (hard time limit, out of memory), and a message that
    was revoked or has expired, have a `process` span from the worker's main process.

    Raises:
        ValueError: if `mode` is another word.
        RuntimeError: if contrib's instrumentation of Celery is on as well.

    Source: semantic conventions, "Messaging spans" (development).

    >>> app = Celery("shop", broker="memory://")
    >>> trace_celery(app, mode="link")
    """
    if mode not in ("parent", "link"):
        raise ValueError(f'mode={mode!r}: use "parent" or "link".')
    if hasattr(app.send_task, "__otel_traced__"):
        return
    _refuse_contrib()
    name = "otel_starter_kit.celery"
    tracer = trace.get_tracer(name, tracer_provider=tracer_provider)
    # delay, apply_async, retry, canvas and beat all end in this one method.
    app.send_task = _traced(app.send_task, tracer)  # type: ignore[method-assign]
    worker = _Worker(app, tracer, linked=mode == "link")
    # To Celery 5.4 the methods of two workers, of two apps, are one receiver.
    only = f"{name}.{id(worker)}"
    for signal, receiver in (
        (signals.task_prerun, worker.begin),
        (signals.task_postrun, worker.end),
        (signals.task_revoked, worker.revoked),
        (signals.worker_init, worker.watch),
    ):
        signal.connect(receiver, weak=False, dispatch_uid=only)
    flush = functools.partial(_flush, tracer_provider)
    signals.worker_process_shutdown.connect(flush, weak=False)


def _refuse_contrib() -> None:
    contrib = sys.modules.get("opentelemetry.instrumentation.celery")
    if contrib and contrib.CeleryInstrumentor().is_instrumented_by_opentelemetry:
        raise RuntimeError(
            "Contrib's CeleryInstrumentor is on already, and each message would have "
            "two spans: keep trace_celery() and remove celery from what is "
            "instrumented (OTEL_PYTHON_DISABLED_INSTRUMENTATIONS=celery), or keep that."
        )


def _traced(send_task: Callable[..., Any], tracer: trace.Tracer) -> Callable[..., Any]:
    """Wrap `app.send_task`: a PRODUCER span, whose context travels in the headers."""

    @functools.wraps(send_task)
    def traced_send_task(
        name: str,
        args: Any = None,
        kwargs: Any = None,
        countdown: float | None = None,
        eta: Any = None,
        task_id: str | None = None,
        *more: Any,
        **options: Any,
    ) -> Any:
        task_id = task_id or uuid()
        attributes = _messaging("send", name, task_id)
        span = tracer.start_span(f"send {name}", None, SpanKind.PRODUCER, attributes)
        token = context.attach(trace.set_span_in_context(span))
        headers = {**(options.pop("headers", None) or {}), _SENT_AT: time.time()}
        try:
            propagate.inject(headers)
            known = name, args, kwargs, countdown, eta, task_id
            return send_task(*known, *more, headers=headers, **options)
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

    def __init__(self, app: Celery, tracer: trace.Tracer, *, linked: bool) -> None:
        self._app = app
        self._tracer = tracer
        self._linked = linked
        self._code: dict[str, dict[str, str | int]] = {}
        self._is_watching = False
        self._requests: dict[Any, Any] = {}  # classes, and what is used in their place

    def begin(self, task: Task[Any, Any], **_: object) -> None:
        """Start the span, just before the task runs."""
        if task.app == self._app:
            span, parent = self._start(task, task.request, time.time())
            token = context.attach(trace.set_span_in_context(span, parent))
            vars(task.request)["__otel_process__"] = span, token

    def end(
        self, task: Task[Any, Any], state: str | None, retval: object, **_: object
    ) -> None:
        """End the span with what became of the attempt."""
        span, token = vars(task.request).pop("__otel_process__", (None, None))
        if span is None or token is None:
            return
        context.detach(token)
        try:
            self._say(span, task, state, retval)
        finally:
            span.end()

    def _say(
        self, span: Span, task: Task[Any, Any], state: str | None, retval: object
    ) -> None:
        # Without a state the task was interrupted: the exception is still on its way.
        exc = retval if state else sys.exc_info()[1]
        if state:
            span.set_attribute("kit.task.state", state)
        if state == "RETRY":
            span.set_attribute("kit.task.retry_reason", str(retval))
        elif isinstance(exc, BaseException) and not _is_told(exc, state, task):
            _record_error(span, exc)

    def revoked(
        self, sender: Any, request: Any, *, terminated: bool, **_: object
    ) -> None:
        """Make the span of a message that never began; a child ends its own."""
        if sender.app == self._app and not terminated:
            span, _parent = self._start(sender, request, time.time())
            span.set_attribute("kit.task.state", "REVOKED")
            span.end()

    def watch(self, **_: object) -> None:
        """Make spans of attempts whose process died: only the main process knows."""
        if self._is_watching:  # a second worker in this process
            return
        self._is_watching = True
        start: Any = Task.start_strategy

        # It says how messages of a task are received: for all classes of tasks that
        # there are, whenever they are registered, each time that a worker connects.
        @functools.wraps(start)
        def start_strategy(task: Any, app: Celery, *more: Any, **options: Any) -> Any:
            if app == self._app:
                task.Request = self._watched(symbol_by_name(task.Request))
            return start(task, app, *more, **options)

        Task.start_strategy = start_strategy  # type: ignore[method-assign,assignment]

    def _watched(self, usual: Any) -> Any:
        """Return Celery's class, or the application's own, with an eye on deaths."""
        tracing = self
        if usual in self._requests:
            return self._requests[usual]

        class TracedRequest(usual):  # type: ignore[misc]
            def on_timeout(self, soft: bool, timeout: float) -> None:  # noqa: FBT001
                super().on_timeout(soft, timeout)
                if not soft:
                    tracing.died(self, TimeLimitExceeded(timeout))

            def on_failure(self, exc_info: Any, *args: Any, **options: Any) -> Any:
                exc = getattr(exc_info.exception, "exc", exc_info.exception)
                if isinstance(exc, WorkerLostError):
                    tracing.died(self, exc)
                return super().on_failure(exc_info, *args, **options)

        self._requests[usual] = self._requests[TracedRequest] = TracedRequest
        return TracedRequest

    def died(self, message: Any, exc: Exception) -> None:
        """Make the span of an attempt that its process could not end."""
        began = message.time_start or time.time()
        span, _ = self._start(message.task, Context(message.request_dict), began)
        span.set_attribute("kit.task.state", "FAILURE")
        _record_error(span, exc)
        span.end()

    def _start(
        self, task: Any, request: Any, now: float
    ) -> tuple[Span, context.Context]:
        parent, links = self._parent(request)
        attributes = _messaging("process", task.name, str(request.id))
        attributes |= self._code_of(task) | _attempt(request)
        attributes |= self._waited(request, now)
        span = self._tracer.start_span(
            f"process {task.name}",
            *(parent, SpanKind.CONSUMER, attributes, links, int(now * 1e9)),
        )
        return span, parent

    def _parent(self, request: Any) -> tuple[context.Context, list[Link]]:
        """Return the context to run in, and a link instead of a parent in link mode."""
        if request.is_eager:  # no queue: called like a function
            return context.get_current(), []
        sent = propagate.extract(request, context.Context(), _Headers())
        sender = trace.get_current_span(sent).get_span_context()
        if not self._linked or request.retries or not sender.is_valid:
            return sent, []
        return trace.set_span_in_context(INVALID_SPAN, sent), [Link(sender)]

    def _code_of(self, task: Task[Any, Any]) -> dict[str, str | int]:
        if task.name not in self._code:
            self._code[task.name] = _code_attributes(task.run)
        return self._code[task.name]

    def _waited(self, request: Any, now: float) -> dict[str, float]:
        """Return how long the message waited, apart from how long it was told to."""
        sent: float | None = getattr(request, _SENT_AT, None)
        if sent is None:
            return {}
        # The clocks of two machines differ: a negative time is no time.
        if not request.eta:
            return {"kit.queue.duration_ms": _ms(now - sent)}
        eta = datetime.fromisoformat(request.eta)
        due = (
            eta if eta.tzinfo else eta.replace(tzinfo=self._app.timezone)
        ).timestamp()
        return {
            "kit.queue.duration_ms": _ms(now - max(sent, due)),
            "kit.queue.scheduled_delay_ms": _ms(due - sent),
        }


class _Headers(Getter[Any]):
    """Reads a message's headers: Celery makes attributes of the request of them."""

    def get(self, carrier: Any, key: str) -> list[str] | None:
        value = getattr(carrier, key, None)
        return None if value is None else [value]

    def keys(self, carrier: Any) -> list[str]:
        return list(vars(carrier))


def _messaging(operation: str, task: str, message: str) -> dict[str, Any]:
    return {
        "messaging.system": "celery",
        "messaging.operation.name": operation,
        "messaging.operation.type": operation,
        "messaging.destination.name": task,
        "messaging.message.id": message,
    }


def _attempt(request: Any) -> dict[str, str | int]:
    found = {
        "kit.task.attempt": (request.retries or 0) + 1,
        "kit.queue.name": (request.delivery_info or {}).get("routing_key"),
        "kit.worker.name": request.hostname,
    }
    return {name: value for name, value in found.items() if value is not None}


def _is_told(exc: BaseException, state: str | None, task: Task[Any, Any]) -> bool:
    """Return whether the task says by this exception what it wants, or expects it."""
    return state in ("IGNORED", "REJECTED") or isinstance(exc, task.throws or ())


def _ms(seconds: float) -> float:
    return round(max(0.0, seconds) * 1000, 3)


def _flush(provider: TracerProvider | None, **_: object) -> None:
    """Send a worker process's last spans: it ends without running `atexit`.

    In a thread, because `force_flush` of the SDK does not keep to its time limit, and
    a collector that is down must not hold up the pool.
    """
    flush = getattr(provider or trace.get_tracer_provider(), "force_flush", None)
    if flush is not None:
        thread = threading.Thread(target=flush, daemon=True)
        thread.start()
        thread.join(_FLUSH_SECONDS)


def _code_attributes(function: Callable[..., object]) -> dict[str, str | int]:
    """Return the `code.*` attributes of your function, below its decorators."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None or "site-packages" in code.co_filename:
        return {}
    # A code object starts at its first decorator; the reader looks for the `def`.
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
    """Set ERROR, `error.type` and the message; add the exception if it is new."""
    # GeneratorExit, CancelledError and SystemExit end a block without an error.
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
