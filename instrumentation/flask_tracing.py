# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Server spans for Flask: one line, `trace_flask(app)`.

Use: `trace_flask(app)` after `app = Flask(__name__)`; routes may come before or after.
A span per request, named by its route, with the view's place in the code. It lasts
until the end of a streamed body. `trust_inbound=False` is for a service that is
reachable from the internet.
Needs: pip install opentelemetry-api~=1.45 flask~=3.0
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from flask import Flask
    from flask_tracing import trace_flask
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    app = Flask(__name__)
    trace_flask(app)

    @app.get("/orders/<int:order>")
    def show_order(order: int) -> str:
        return f"order {order}"

    app.test_client().get("/orders/7")

You will see:
    SERVER GET /orders/<int:order>
        http.response.status_code = 200
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import linecache
import re
import secrets
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from http import HTTPMethod
from pathlib import Path
from typing import Any

from flask import Flask, Request, Response, has_request_context, request
from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider
from werkzeug.exceptions import HTTPException

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

PREFIX = "kit."  # of attributes that no convention defines; change it to your own

_KEY = "tracing_starter_kit.flask"  # the tracer's name; our key in app and environ
_METHODS = frozenset(HTTPMethod.__members__)
_SIGNATURES = re.compile(r"(?i)\b(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*")
_Environ = dict[str, Any]  # of a request, as WSGI servers make it (PEP 3333)


def trace_flask(
    app: Flask,
    *,
    exclude: Sequence[str] = ("/health",),
    trust_inbound: bool = True,
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Make a server span for every request to `app`.

    Args:
        app: A second call for the same app does nothing.
        exclude: Paths that get no span. Database queries and calls to other services
            that they make are not traced either, unless the sampler ignores the parent
            (OTEL_TRACES_SAMPLER=always_on; the default respects it). "/health" also
            stands for "/health/ready".
        trust_inbound: False at the public edge. The caller's baggage is dropped (with
            business.py it would become fields of your spans). Its trace is not
            continued (it would decide what you sample, and mix its requests into
            one trace): the request starts its own, linked to the caller's span.
        tracer_provider: Default: the global provider.

    A 5xx is an error. A 4xx is not: the server did its work. An exception class that
    errors.py's `expected()` has marked is still an error if no error handler answers
    it: the client gets a 500.
    Source: semantic conventions, "HTTP server span" (stable).

    >>> app = Flask("shop")
    >>> trace_flask(app, exclude=["/health", "/metrics"])
    >>> app.test_client().get("/nothing-here").status_code
    404
    """
    if _KEY in app.extensions:
        return
    tracer = trace.get_tracer(_KEY, tracer_provider=tracer_provider)
    below_excluded = tuple(f"{path}/" for path in exclude)

    def begin(environ: _Environ) -> _ServerSpan:
        path: str = environ.get("PATH_INFO", "")
        if path in exclude or path.startswith(below_excluded):
            return _ServerSpan(_unsampled_span(), Context())
        parent, links = propagate.extract(environ, Context(), _Headers()), []
        if not trust_inbound:
            caller = trace.get_current_span(parent).get_span_context()
            parent, links = Context(), [trace.Link(caller)] if caller.is_valid else []
        name, attributes = _title(environ["REQUEST_METHOD"]), _attributes(environ)
        span = tracer.start_span(name, parent, SpanKind.SERVER, attributes, links)
        return _ServerSpan(span, parent)

    app.extensions[_KEY] = True
    # A request goes through these wrappers: `_answer` begins its span, `_dispatch`
    # names it after the route, `_note_and_handle` remembers an exception. At the end
    # `_answer` ends it, or `_Body` if the body is streamed. Flask's signals would cost
    # more, and do not tell of an exception that an error handler turned into a 5xx.
    app.wsgi_app = partial(_answer, begin, app.wsgi_app)  # type: ignore[method-assign]
    app.full_dispatch_request = partial(_dispatch, app, app.full_dispatch_request)  # type: ignore[method-assign]
    app.handle_user_exception = partial(_note_and_handle, app.handle_user_exception)  # type: ignore[method-assign]
    app.handle_exception = partial(_note_and_handle, app.handle_exception)  # type: ignore[method-assign]


def _answer(begin: Any, wsgi_app: Any, environ: _Environ, start_response: Any) -> Any:
    """Wrap Flask's WSGI application: a span for each request."""
    if _KEY in environ:  # mounted in a traced app: one request has one span
        return wsgi_app(environ, start_response)
    server: _ServerSpan = begin(environ)
    environ[_KEY] = server
    token = context.attach(server.context)
    try:
        parts = wsgi_app(environ, partial(server.start_response, start_response))
    except BaseException as exc:
        server.fail(exc)
        raise
    finally:
        context.detach(token)
    # The server sends a file by itself, faster than through any iterator.
    is_file = type(parts) is environ.get("wsgi.file_wrapper")
    if is_file or not server.is_streamed:
        server.end()
    return parts if is_file else _Body(server, parts)


def _dispatch(app: Flask, dispatch: Callable[..., Response], *args: Any) -> Response:
    """Wrap `full_dispatch_request`, which Flask calls after looking for a route."""
    current = _current_request()
    server: _ServerSpan | None = current.environ.get(_KEY)
    if server is None or not server.span.is_recording():
        return dispatch(*args)
    if (rule := current.url_rule) is not None:  # 404: only the method
        route = current.root_path.rstrip("/") + rule.rule
        name, server.route = _describe(app, rule.endpoint, current.method, route)
        server.span.update_name(name)
    response = dispatch(*args)
    server.is_streamed = not response.is_sequence
    return response


def _note_and_handle(handle: Callable[..., Any], *args: Any) -> Any:
    """Note an exception that Flask, or an error handler, may turn into a 5xx."""
    server = request.environ.get(_KEY) if has_request_context() else None
    if server is not None:
        server.exception = args[-1]  # Flask 3.2 passes the request context first
    return handle(*args)


class _ServerSpan:
    """The span of one request, and the outcome to write on it at its end."""

    status = 0
    unsent = -1  # bytes of the body still to send; negative if the length is unknown
    exception: BaseException | None = None
    is_streamed = True  # False: the whole body existed when the view returned

    def __init__(self, span: Span, parent: Context) -> None:
        self.span = span
        self.context = trace.set_span_in_context(span, parent)
        self.route: Mapping[str, str | int] = {}  # `http.route`, and `code.*` of a view

    def start_response(self, start: Any, status: str, headers: Any, *exc: Any) -> Any:
        """Note status and length of the response, and call the server's `start`."""
        self.status = int(status[:3]) if status[:3].isdecimal() else 0
        length = dict(headers).get("Content-Length", "") if self.is_streamed else ""
        self.unsent = int(length) if length.isdecimal() else -1
        return start(status, headers, *exc)

    def fail(self, exc: BaseException) -> None:
        """End the span with an exception that left the application."""
        self.status = self.status or 500  # the WSGI server answers 500 itself
        _record_error(self.span, exc)
        self.exception = exc
        self.end()

    def end(self) -> None:
        """Write the outcome on the span and end it; a second call does nothing."""
        # Taken away also to break a circle: its traceback leads to this object.
        exc, self.exception = self.exception, None
        if not self.span.is_recording():
            return
        status = {"http.response.status_code": self.status} if self.status else {}
        self.span.set_attributes({**self.route, **status})
        if self.status >= 500:
            self.span.set_status(StatusCode.ERROR)
            self.span.set_attribute("error.type", str(self.status))
            # abort(503) is deliberate: its exception tells no more than the status.
            if exc is not None and not isinstance(exc, HTTPException):
                _record_error(self.span, exc)
        self.span.end()


class _Body:
    """The body of a response: its span is current while the application makes a part.

    The span ends with the body: at its last byte, or when the client goes away.
    """

    def __init__(self, server: _ServerSpan, parts: Iterable[bytes]) -> None:
        self._server = server
        self._parts = parts
        self._next = iter(parts).__next__

    def __iter__(self) -> Iterator[bytes]:
        return self if self._server.is_streamed else iter(self._parts)

    def __next__(self) -> bytes:
        server = self._server
        token = context.attach(server.context)
        try:
            part = self._next()
        except StopIteration:
            server.end()
            raise
        except BaseException as exc:
            server.fail(exc)
            raise
        finally:
            context.detach(token)
        server.unsent -= len(part)
        if server.unsent == 0:  # a server that knows the length may not ask again
            server.end()
        return part

    def close(self) -> None:
        """End the span; the server calls this also when the client has gone away."""
        server = self._server
        if server.is_streamed and server.span.is_recording():  # not at its end yet
            server.span.set_attributes({f"{PREFIX}response.cut_short": True})
        token = context.attach(server.context)
        try:
            getattr(self._parts, "close", lambda: None)()
        finally:
            context.detach(token)
            server.end()


def _current_request() -> Request:
    """Return the request itself: each access through Flask's proxy costs time."""
    # Private: without it the proxy does the same, more slowly.
    unwrap = getattr(request, "_get_current_object", None)
    return unwrap() if unwrap else request


def _unsampled_span() -> Span:
    """Return a span that no exporter gets, and below which nothing is sampled."""
    ids = secrets.randbits(128) | 1, secrets.randbits(64) | 1
    return trace.NonRecordingSpan(trace.SpanContext(*ids, is_remote=False))


class _Headers(Getter[_Environ]):
    """Reads a request's headers from a WSGI environ."""

    def get(self, carrier: _Environ, key: str) -> list[str] | None:
        value = carrier.get(f"HTTP_{key.upper().replace('-', '_')}")
        return None if value is None else [value]

    def keys(self, carrier: _Environ) -> list[str]:
        names = (name[5:] for name in carrier if name.startswith("HTTP_"))
        return [name.replace("_", "-").lower() for name in names]


def _title(method: str) -> str:
    """Return the method for a span's name; callers can invent any number of methods."""
    return method if method in _METHODS else "HTTP"


def _attributes(environ: _Environ) -> dict[str, str | int]:
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    is_standard = method in _METHODS
    # WSGI passes the bytes of a path on, disguised as latin-1.
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    protocol: str = environ.get("SERVER_PROTOCOL", "")
    listening = "{SERVER_NAME}:{SERVER_PORT}"
    attributes = {
        "http.request.method": method if is_standard else "_OTHER",
        "http.request.method_original": None if is_standard else method,
        "url.scheme": environ.get("wsgi.url_scheme"),
        "url.path": path.encode("latin-1", "replace").decode(errors="replace"),
        "url.query": query and _SIGNATURES.sub(r"\1=REDACTED", query),
        "client.address": environ.get("REMOTE_ADDR"),
        "user_agent.original": environ.get("HTTP_USER_AGENT"),
        "network.protocol.version": protocol.removeprefix("HTTP/"),
        **_host_and_port(environ.get("HTTP_HOST") or listening.format_map(environ)),
    }
    return {name: value for name, value in attributes.items() if value}


@functools.lru_cache(maxsize=256)
def _host_and_port(address: str) -> dict[str, str | int]:
    """Return `server.*`: the address that the caller names, or that the server has."""
    host, colon, port = address.rpartition(":")
    if colon and re.fullmatch(r"[0-9]{1,5}", port):
        return {"server.address": host.strip("[]"), "server.port": int(port)}
    return {"server.address": address.strip("[]")}  # no port, or an invented one


@functools.lru_cache(maxsize=1024)
def _describe(app: Flask, endpoint: str, method: str, route: str) -> tuple[str, Any]:
    """Return the span's name; and `http.route` with `code.*` of the view."""
    view = app.view_functions.get(endpoint)
    if (view_class := getattr(view, "view_class", None)) is not None:
        name = "get" if method == "HEAD" else method.lower()
        view = getattr(view_class, name, view_class.dispatch_request)
    code = {} if view is None else _code_attributes(view)
    return f"{_title(method)} {route}", {"http.route": route, **code}


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
