"""Server spans for Flask: one line, `trace_flask(app)`.

Use: `trace_flask(app)` after `app = Flask(__name__)`; routes may come before or after.
A span per request, named by its route, with the view's place in the code; a streamed
body belongs to it until its end. `trust_inbound=False` is for the service that the
outside world talks to.
Needs: pip install opentelemetry-api~=1.45 flask~=3.0
From the tracing starter kit 0.1.0.

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
from collections.abc import Callable, Iterable, Iterator, Sequence
from http import HTTPMethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, got_request_exception, request, request_started
from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TracerProvider,
)
from werkzeug.datastructures import EnvironHeaders
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_NAME = "otel_starter_kit.flask"  # the scope, and the key of our state in the environ
_METHODS = frozenset(HTTPMethod.__members__)
_SIGNATURES = re.compile(r"(?i)\b(AWSAccessKeyId|Signature|sig|X-Goog-Signature)=[^&]*")


def trace_flask(
    app: Flask,
    *,
    exclude: Sequence[str] = ("/health",),
    trust_inbound: bool = True,
    tracer_provider: TracerProvider | None = None,
) -> None:
    """Make a server span of every request to `app`.

    Args:
        app: A second call for the same app does nothing.
        exclude: Paths without a span, and with none below them either: neither their
            database queries nor their calls to other services are traced. "/health"
            also stands for "/health/ready".
        trust_inbound: False at the public edge. The caller's baggage is dropped (it
            would write into your business fields), and its trace is not continued
            (it would decide what you sample, and mix its requests into one trace):
            the request starts a trace of its own, linked to the caller's span.
        tracer_provider: Default: the global one.

    5xx is an error, 4xx is not: the server did its work.
    Source: semantic conventions, "HTTP server span" (stable).

    >>> app = Flask("shop")
    >>> trace_flask(app, exclude=["/health", "/metrics"])
    >>> app.test_client().get("/nothing-here").status_code
    404
    """
    if _NAME in app.extensions:
        return
    tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
    begin = functools.partial(
        _begin, tracer, exclude=tuple(exclude), trust_inbound=trust_inbound
    )
    app.extensions[_NAME] = app.wsgi_app
    app.wsgi_app = functools.partial(_answer, begin, app.wsgi_app)  # type: ignore[method-assign]
    request_started.connect(_name_by_route, app, weak=False)
    got_request_exception.connect(_note_exception, app, weak=False)
    handle = functools.partial(_note_and_handle, app, app.handle_user_exception)
    app.handle_user_exception = handle  # type: ignore[method-assign]


class _Request:
    """One request while it is handled: its span, and what became of it."""

    def __init__(self, span: Span, parent: Context) -> None:
        self.span = span
        self.context = trace.set_span_in_context(span, parent)
        self.status = 0
        self.length: str | None = None  # of the body, where it is said beforehand
        self.exception: BaseException | None = None

    def __enter__(self) -> None:
        """Make the request's span the current one, for the length of a `with`."""
        self._token = context.attach(self.context)

    def __exit__(self, *_: object) -> None:
        context.detach(self._token)

    def fail(self, exc: BaseException) -> None:
        """End the span of a request, or of a streamed body, that `exc` ended."""
        self.status = self.status or 500  # what a server answers in its place
        _record_error(self.span, exc)
        self.exception = exc
        self.end()

    def end(self) -> None:
        """Write the outcome on the span and end it; a second call does nothing."""
        if not self.span.is_recording():
            return
        exc, self.exception = self.exception, None  # its stack trace refers to self
        if self.status:
            self.span.set_attribute("http.response.status_code", self.status)
        if self.status >= 500:
            # abort(503) is raised on purpose: the status says it all.
            if isinstance(exc, Exception) and not isinstance(exc, HTTPException):
                _record_error(self.span, exc)
            else:
                self.span.set_status(StatusCode.ERROR)
                self.span.set_attribute("error.type", str(self.status))
        self.span.end()


def _answer(
    begin: Callable[[WSGIEnvironment], _Request],
    wsgi_app: WSGIApplication,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Be the WSGI application around Flask's own."""
    if _NAME in environ:  # mounted in a traced app: still one request, one span
        return wsgi_app(environ, start_response)
    state = environ[_NAME] = begin(environ)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        state.status = int(status[:3])
        state.length = dict(headers).get("Content-Length")
        return start_response(status, headers, *rest)

    try:
        with state:
            body = wsgi_app(environ, start)
    except BaseException as exc:
        state.fail(exc)
        raise
    if type(body) is environ.get("wsgi.file_wrapper"):
        state.end()  # the server sends the file, better than any iterator could
        return body
    return _Body(body, state)


class _Body:
    """A response's body: the span is current while it is made, and ends with it."""

    def __init__(self, body: Iterable[bytes], state: _Request) -> None:
        self._body = body
        self._next = iter(body).__next__
        self._state = state
        self._sent = 0

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._state:
                part = self._next()
        except StopIteration:
            self._state.end()
            raise
        except BaseException as exc:
            self._state.fail(exc)
            raise
        self._sent += len(part)
        if str(self._sent) == self._state.length:  # nobody need ask for more
            self._state.end()
        return part

    def close(self) -> None:
        """End the span; the server calls this also when the client has gone away."""
        if self._state.span.is_recording():  # the body did not come to its end
            self._state.span.set_attributes({"app.response.cut_short": True})
        try:
            with self._state:
                getattr(self._body, "close", lambda: None)()
        finally:
            self._state.end()


def _begin(
    tracer: trace.Tracer,
    environ: WSGIEnvironment,
    *,
    exclude: tuple[str, ...],
    trust_inbound: bool,
) -> _Request:
    """Start a request's span from what came in."""
    asked = environ.get("PATH_INFO", "")
    if any(asked == path or asked.startswith(f"{path}/") for path in exclude):
        return _Request(_unsampled(), Context())
    parent, links = propagate.extract(EnvironHeaders(environ), Context()), []
    if not trust_inbound:
        caller = trace.get_current_span(parent).get_span_context()
        parent, links = Context(), [Link(caller)] if caller.is_valid else []
    name = _title(environ["REQUEST_METHOD"])
    span = tracer.start_span(name, parent, SpanKind.SERVER, _attributes(environ), links)
    return _Request(span, parent)


def _unsampled() -> Span:
    """Return a span that is kept nowhere: what starts below it is not sampled."""
    nowhere = SpanContext(
        secrets.randbits(128) | 1, secrets.randbits(64) | 1, is_remote=False
    )
    return NonRecordingSpan(nowhere)


def _title(method: str) -> str:
    """Return the method as a span's name: unknown ones would be without bound."""
    return method if method in _METHODS else "HTTP"


def _attributes(environ: WSGIEnvironment) -> dict[str, str | int]:
    method: str = environ["REQUEST_METHOD"]
    known = method in _METHODS
    host, port = _host_and_port(environ)
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    protocol: str = environ.get("SERVER_PROTOCOL", "")
    found = {
        "http.request.method": method if known else "_OTHER",
        "http.request.method_original": None if known else method,
        # WSGI hands bytes over, disguised as latin-1.
        "url.path": path.encode("latin-1", "replace").decode(errors="replace"),
        "url.query": _SIGNATURES.sub(r"\1=REDACTED", environ.get("QUERY_STRING", "")),
        "url.scheme": environ.get("wsgi.url_scheme"),
        "server.address": host,
        "server.port": port,
        "client.address": environ.get("REMOTE_ADDR"),
        "user_agent.original": environ.get("HTTP_USER_AGENT"),
        "network.protocol.version": protocol.removeprefix("HTTP/"),
    }
    return {name: value for name, value in found.items() if value}


def _host_and_port(environ: WSGIEnvironment) -> tuple[str, int | None]:
    """Return where the caller says that it called, else where the server listens."""
    said = environ.get("HTTP_HOST")
    said = said or f"{environ.get('SERVER_NAME')}:{environ.get('SERVER_PORT')}"
    host, colon, port = said.rpartition(":")
    if colon and re.fullmatch(r"[0-9]{1,5}", port):
        return host.strip("[]"), int(port)
    return said.strip("[]"), None  # no port, or what a scanner made up


def _state() -> _Request | None:
    """Return the current request; None if it came past the middleware."""
    state = request.environ.get(_NAME)
    return state if isinstance(state, _Request) else None


def _name_by_route(app: Flask, **_: object) -> None:
    """Name the span once Flask has found the route; a 404 keeps the method alone."""
    state, rule = _state(), request.url_rule
    if state is None or rule is None or not state.span.is_recording():
        return
    route = request.root_path.rstrip("/") + rule.rule
    state.span.update_name(f"{_title(request.method)} {route}")
    view = app.view_functions.get(rule.endpoint)
    code = {} if view is None else _code_of_view(view, request.method)
    state.span.set_attributes({"http.route": route, **code})


def _note_exception(_: Flask, exception: BaseException, **__: object) -> None:
    if (state := _state()) is not None:
        state.exception = exception


def _note_and_handle(app: Flask, handle: Callable[..., Any], e: Exception) -> Any:
    """Note what an error handler may turn into a 5xx: Flask tells nobody."""
    _note_exception(app, e)
    return handle(e)


@functools.lru_cache(maxsize=1024)
def _code_of_view(view: Callable[..., object], method: str) -> dict[str, str | int]:
    """Return `code.*` of the view; of a class-based one, of the method that answers."""
    if (view_class := getattr(view, "view_class", None)) is not None:
        name = "get" if method == "HEAD" else method.lower()
        view = getattr(view_class, name, view_class.dispatch_request)
    return _code_attributes(view)


def _code_attributes(function: Callable[..., object]) -> dict[str, str | int]:
    """Return `code.*` of a function of yours, decorators looked through."""
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
    # What is no Exception (GeneratorExit, CancelledError, SystemExit) says "stop".
    if not isinstance(exc, Exception) or not span.is_recording():
        return
    if getattr(exc, "__otel_expected__", False):
        return
    kind = type(exc)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    # One lone surrogate in a message would make OTLP refuse the whole batch.
    message = str(exc).encode(errors="replace").decode()
    span.set_status(StatusCode.ERROR, message)
    span.set_attribute("error.type", name)
    if getattr(exc, "__otel_recorded__", False):
        return
    with contextlib.suppress(AttributeError):  # a class with __slots__: on each span
        exc.__otel_recorded__ = True  # type: ignore[attr-defined]
    stack = "".join(traceback.format_exception(exc)).encode(errors="replace").decode()
    event = {"exception.type": name, "exception.message": message}
    span.add_event("exception", {**event, "exception.stacktrace": stack})
