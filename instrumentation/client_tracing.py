# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Client spans of the libraries you use: `trace_clients("requests", "sqlalchemy")`.

Use: after `start_tracing(...)`, before you create engines and sessions. Contrib's
instrumentations make the spans; this file gives all attributes their current names and
leaves out calls that belong to no span of yours.
Needs: pip install opentelemetry-api~=1.45
and opentelemetry-instrumentation-<name>~=0.66b0 for each name.
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    # pip install opentelemetry-instrumentation-sqlalchemy~=0.66b0 sqlalchemy~=2.0.0
    from client_tracing import trace_clients
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from sqlalchemy import create_engine, text

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    trace_clients("sqlalchemy")

    with trace.get_tracer("shop").start_as_current_span("count orders"):
        with create_engine("sqlite:///shop.db").connect() as connection:
            connection.execute(text("SELECT 3"))

You will see:
    count orders
      CLIENT SELECT shop.db
          db.system.name = sqlite
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any
from weakref import ref

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    INVALID_SPAN,
    ProxyTracerProvider,
    Span,
    StatusCode,
    TracerProvider,
)

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

_INSTRUMENTORS = {
    "requests": "RequestsInstrumentor",
    "httpx": "HTTPXClientInstrumentor",
    "sqlalchemy": "SQLAlchemyInstrumentor",
    "redis": "RedisInstrumentor",
}

# Answers that redis-py itself, or a transaction's loop, acts on: a script to load, a
# value that changed meanwhile, a key on another node. Where nobody does, the exception
# goes on to your own span, and is an error there.
_CONTROL_FLOW = {
    f"redis.exceptions.{name}"
    for name in ("NoScriptError", "WatchError", "MovedError", "AskError")
}


def trace_clients(
    *libraries: str,
    roots: bool = False,
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Make a client span of each call by these libraries below a span of yours.

    Args:
        libraries: requests, httpx, sqlalchemy, redis. A library that is traced already
            stays as it is.
        roots: True: also trace calls below no span, each as a trace of its own. By
            default they are left out, because calls at start-up or to keep a
            connection alive belong to no request. In a script, `with span("import"):`
            around the work is clearer than single calls.
        tracer_provider: Default: the global one.

    Raises:
        RuntimeError: before start_tracing(), or if a package is missing.
        ValueError: for a library that is not in the list above.

    SQLAlchemy's spans are named by operation and database (`INSERT orders.db`). A
    redirect to another host takes no baggage along.

    >>> trace.set_tracer_provider(trace.NoOpTracerProvider())  # yours: start_tracing(…)
    >>> trace_clients("requests", "sqlalchemy")
    """
    provider = tracer_provider or trace.get_tracer_provider()
    if isinstance(provider, ProxyTracerProvider):
        raise RuntimeError(
            "trace_clients() found no tracing: call start_tracing() before it."
        )
    # Contrib reads this once, at the first instrumentation. Default: the old names.
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")
    for library in libraries:
        try:
            _trace_library(library, _Provider(provider, roots=roots))
        except ImportError as exc:
            raise RuntimeError(
                f"trace_clients({library!r}) needs a package ({exc}): leave it out, "
                f"or pip install {library} opentelemetry-instrumentation-{library}."
            ) from exc


def _trace_library(library: str, provider: TracerProvider) -> None:
    if library not in _INSTRUMENTORS:
        names = ", ".join(_INSTRUMENTORS)
        raise ValueError(f"trace_clients({library!r}): use one of {names}.")
    module = importlib.import_module(f"opentelemetry.instrumentation.{library}")
    instrumentor = getattr(module, _INSTRUMENTORS[library])()
    if not instrumentor.is_instrumented_by_opentelemetry:
        # The check would read the metadata of all installed packages at each start.
        instrumentor.instrument(tracer_provider=provider, skip_dep_check=True)
        _TIDY.get(library, lambda: None)()


class _Provider(TracerProvider):
    """Gives contrib's instrumentations a `_Tracer`."""

    def __init__(self, provider: TracerProvider, *, roots: bool) -> None:
        self._provider = provider
        self._roots = roots

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _Tracer(self._provider.get_tracer(*args, **kwargs), roots=self._roots)


class _Tracer(trace.Tracer):
    """Continues traces but starts none, and gives contrib's attributes current names.

    A sampler could drop such roots too, but then the called services would have to be
    told to drop theirs.
    """

    def __init__(self, tracer: trace.Tracer, *, roots: bool) -> None:
        self._tracer = tracer
        self._roots = roots

    def start_span(
        self, name: str, context: Context | None = None, *args: Any, **kwargs: Any
    ) -> Span:
        parent = trace.get_current_span(context).get_span_context()
        if not (parent.is_valid or self._roots):
            return INVALID_SPAN
        span = self._tracer.start_span(_short(name), context, *args, **kwargs)
        if span.is_recording():
            # Only on this span, which stays the SDK's. A weak reference: no cycle.
            write = functools.partial(_write_current_name, ref(span))
            span.set_attribute = write  # type: ignore[method-assign]
        return span

    @contextlib.contextmanager
    def start_as_current_span(  # type: ignore[override]
        self, name: str, context: Context | None = None, *args: Any, **kwargs: Any
    ) -> Iterator[Span]:
        span = self.start_span(name, context, *args, **kwargs)
        try:
            with trace.use_span(
                span, record_exception=False, set_status_on_exception=False
            ):
                yield span
        except BaseException as exc:
            if f"{type(exc).__module__}.{type(exc).__name__}" not in _CONTROL_FLOW:
                _record_error(span, exc)
            raise
        finally:
            span.end()


def _short(name: str) -> str:
    """Return a span's name without the folders of a database's file.

    >>> _short("insert /srv/shop/orders.db")
    'INSERT orders.db'
    """
    operation, _, database = name.partition(" ")
    return f"{operation.upper()} {PurePath(database).name}".rstrip()


def _write_current_name(this: ref[Span], name: str, value: Any) -> None:
    """Set an attribute of contrib's, unless its name is in no current convention."""
    span = this()
    if span is None or name.startswith(("net.", "redis.", "db.redis.")):
        return
    if name == "db.operation.name":  # contrib appends the database
        value = str(value).partition(" ")[0].upper()
    type(span).set_attribute(span, name, value)


def _tidy_requests() -> None:
    """Drop baggage where a redirect leads to another host.

    requests sends the headers of the first request there, and contrib sees one call.
    The rule is the one of requests for `Authorization`.
    """
    import requests

    rebuild_auth: Any = requests.Session.rebuild_auth

    @functools.wraps(rebuild_auth)
    def rebuild(session: Any, request: Any, response: Any) -> None:
        if session.should_strip_auth(response.request.url, request.url):
            request.headers.pop("baggage", None)
        rebuild_auth(session, request, response)

    requests.Session.rebuild_auth = rebuild  # type: ignore[method-assign]


def _tidy_sqlalchemy() -> None:
    """Trace all engines but no checkouts from the pool, and name the errors.

    A checkout is not work of the database. Without this, an engine made by a
    `create_engine` that was imported by name earlier would not be traced.
    """
    import sqlalchemy

    connect: Any = sqlalchemy.Engine.connect
    sqlalchemy.Engine.connect = _original(connect)  # type: ignore[method-assign]
    create_engine: Any = sqlalchemy.create_engine
    for module in list(sys.modules.values()):
        names = getattr(module, "__dict__", {})
        if names.get("create_engine") is _original(create_engine):
            names["create_engine"] = create_engine
    # On the class, so that it runs before contrib's listener, which ends the span.
    sqlalchemy.event.listen(sqlalchemy.Engine, "handle_error", _name_query_error)


def _original(traced: Any) -> Any:
    return getattr(traced, "__wrapped__", traced)


def _name_query_error(error: Any) -> None:
    kind = type(error.sqlalchemy_exception or error.original_exception)
    name = f"{kind.__module__}.{kind.__qualname__}"
    _query_span(error.execution_context).set_attribute("error.type", name)


def _query_span(execution_context: Any) -> Span:
    # Private: contrib keeps the span there. Without it, `error.type` is left out.
    span: Span = getattr(execution_context, "_otel_span", INVALID_SPAN)
    return span


_TIDY = {"requests": _tidy_requests, "sqlalchemy": _tidy_sqlalchemy}


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
