"""Server spans for Flask: one line, `trace_flask(app)`.

Use: `trace_flask(app)` after `app = Flask(__name__)`; routes may come before or after.
A span per request, named by its route, with the view's place in the code; a streamed
body belongs to it until its end. `trust_inbound=False` is for the service that the
outside world talks to.
Needs: opentelemetry-api, flask.
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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import (
    Flask,
    Response,
    got_request_exception,
    request,
    request_finished,
    request_started,
)
from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    StatusCode,
    TracerProvider,
)
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_NAME = "otel_starter_kit.flask"  # the scope, and the key of our state in the environ
_METHODS = frozenset(
    ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"]
)
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
    """
    if isinstance(app.wsgi_app, _Middleware):
        return
    tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
    inbound = _Inbound(tracer, tuple(exclude), trust=trust_inbound)
    app.wsgi_app = _Middleware(app.wsgi_app, inbound)  # type: ignore[method-assign]
    handle = _noting_exceptions(app.handle_user_exception)
    app.handle_user_exception = handle  # type: ignore[method-assign]
    got_request_exception.connect(_note_exception, app, weak=False)
    request_started.connect(_name_by_route, app, weak=False)
    request_finished.connect(_note_response, app, weak=False)


class _Request:
    """One request while it is handled: its span, and what became of it."""

    def __init__(self, span: Span, parent: Context) -> None:
        self.span = span
        self.context = trace.set_span_in_context(span, parent)
        self.status = 0
        self.streamed = False
        self.length: int | None = None  # of the body, where it was said beforehand
        self.exception: BaseException | None = None

    @contextlib.contextmanager
    def current(self) -> Iterator[None]:
        """Make the request's span the current one for the length of the block."""
        token = context.attach(self.context)
        try:
            yield
        finally:
            context.detach(token)

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
        if self.status:
            self.span.set_attribute("http.response.status_code", self.status)
        if self.status >= 500:
            self._explain()
        self.exception = None  # its stack trace refers to this object: no cycle
        self.span.end()

    def _explain(self) -> None:
        # abort(503) is raised on purpose: the status says it all.
        exc = self.exception
        if isinstance(exc, Exception) and not isinstance(exc, HTTPException):
            _record_error(self.span, exc)
        else:
            self.span.set_status(StatusCode.ERROR)
            self.span.set_attribute("error.type", str(self.status))


class _Middleware:
    """The WSGI application around Flask's own."""

    def __init__(self, wsgi_app: WSGIApplication, inbound: _Inbound) -> None:
        self._wsgi_app = wsgi_app
        self._inbound = inbound

    def __call__(
        self, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if _NAME in environ:  # mounted in a traced app: still one request, one span
            return self._wsgi_app(environ, start_response)
        state = environ[_NAME] = self._inbound.start(environ)

        def start(status: str, *rest: Any) -> Callable[[bytes], object]:
            state.status = int(status[:3])
            return start_response(status, *rest)

        try:
            with state.current():
                body = self._wsgi_app(environ, start)
        except BaseException as exc:
            state.fail(exc)
            raise
        if state.streamed and not isinstance(body, _file_wrapper(environ)):
            return _StreamedBody(body, state)
        state.end()
        return body


class _StreamedBody:
    """A body that is made while it is sent: the span is current, and ends with it."""

    def __init__(self, body: Iterable[bytes], state: _Request) -> None:
        self._body = body
        self._next = iter(body).__next__
        self._state = state
        self._sent = 0
        self._complete = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            with self._state.current():
                part = self._next()
        except StopIteration:
            self._finish()
            raise
        except BaseException as exc:
            self._complete = True
            self._state.fail(exc)
            raise
        self._sent += len(part)
        if self._sent == self._state.length:  # nobody need ask for more
            self._finish()
        return part

    def _finish(self) -> None:
        self._complete = True
        self._state.end()

    def close(self) -> None:
        """End the span; the server calls this also when the client has gone away."""
        if not self._complete:
            self._state.span.set_attributes({"app.response.cut_short": True})
        try:
            with self._state.current():
                getattr(self._body, "close", lambda: None)()
        finally:
            self._state.end()


class _Inbound:
    """Starts a request's span from what came in."""

    def __init__(
        self, tracer: trace.Tracer, exclude: tuple[str, ...], *, trust: bool
    ) -> None:
        self._tracer = tracer
        self._exclude = exclude
        self._trust = trust

    def start(self, environ: WSGIEnvironment) -> _Request:
        if self._is_excluded(environ.get("PATH_INFO", "")):
            return _Request(_unsampled(), Context())
        parent, links = propagate.extract(environ, Context(), _Headers()), []
        if not self._trust:
            caller = trace.get_current_span(parent).get_span_context()
            parent, links = Context(), [Link(caller)] if caller.is_valid else []
        span = self._tracer.start_span(
            _method(environ), parent, SpanKind.SERVER, _attributes(environ), links
        )
        return _Request(span, parent)

    def _is_excluded(self, path: str) -> bool:
        return any(path == one or path.startswith(f"{one}/") for one in self._exclude)


class _Headers(Getter["WSGIEnvironment"]):
    """Reads headers as WSGI spells them."""

    def get(self, carrier: WSGIEnvironment, key: str) -> list[str] | None:
        value = carrier.get("HTTP_" + key.upper().replace("-", "_"))
        return None if value is None else [value]

    def keys(self, carrier: WSGIEnvironment) -> list[str]:
        return [key for key in carrier if key.startswith("HTTP_")]


def _unsampled() -> Span:
    """Return a span that is kept nowhere: what starts below it is not sampled."""
    nowhere = SpanContext(
        secrets.randbits(128) | 1, secrets.randbits(64) | 1, is_remote=False
    )
    return NonRecordingSpan(nowhere)


def _method(environ: WSGIEnvironment) -> str:
    """Return the method as a span's name: unknown ones would be without bound."""
    method: str = environ["REQUEST_METHOD"]
    return method if method in _METHODS else "HTTP"


def _attributes(environ: WSGIEnvironment) -> dict[str, str | int]:
    method: str = environ["REQUEST_METHOD"]
    known = method in _METHODS
    host, port = _host_and_port(environ)
    found: dict[str, str | int | None] = {
        "http.request.method": method if known else "_OTHER",
        "http.request.method_original": None if known else method,
        "url.path": _utf8(
            environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        ),
        "url.query": _SIGNATURES.sub(r"\1=REDACTED", environ.get("QUERY_STRING", "")),
        "url.scheme": environ.get("wsgi.url_scheme"),
        "server.address": host,
        "server.port": port,
        "client.address": environ.get("REMOTE_ADDR"),
        "user_agent.original": environ.get("HTTP_USER_AGENT"),
        "network.protocol.version": environ.get("SERVER_PROTOCOL", "").partition("/")[
            2
        ],
    }
    return {name: value for name, value in found.items() if value}


def _host_and_port(environ: WSGIEnvironment) -> tuple[str, int | None]:
    host, _, port = environ.get("HTTP_HOST", "").rpartition(":")
    if not port.isdigit():  # no port in it, or the end of an IPv6 address
        host, port = environ.get("HTTP_HOST", ""), ""
    if not host:
        host, port = environ.get("SERVER_NAME", ""), environ.get("SERVER_PORT", "")
    return host.strip("[]"), int(port) if port.isdigit() else None


def _utf8(path: str) -> str:
    """Return a WSGI path as text: WSGI hands over bytes, disguised as latin-1."""
    return path.encode("latin-1", "replace").decode("utf-8", "replace")


def _file_wrapper(environ: WSGIEnvironment) -> tuple[type, ...]:
    """Return the server's class for files, which it sends better than we could."""
    wrapper = environ.get("wsgi.file_wrapper")
    return (wrapper,) if isinstance(wrapper, type) else ()


def _state() -> _Request | None:
    state = request.environ.get(_NAME)
    return state if isinstance(state, _Request) else None


def _name_by_route(app: Flask, **_: object) -> None:
    """Name the span once Flask has found the route; a 404 keeps the method alone."""
    state, rule = _state(), request.url_rule
    if state is None or rule is None or not state.span.is_recording():
        return
    route = request.root_path.rstrip("/") + rule.rule
    state.span.update_name(f"{_method(request.environ)} {route}")
    view = app.view_functions.get(rule.endpoint)
    code = {} if view is None else _code_of_view(view, request.method)
    state.span.set_attributes({"http.route": route, **code})


def _note_response(_: Flask, response: Response, **__: object) -> None:
    if (state := _state()) is not None:
        state.streamed = response.is_streamed
        state.length = response.content_length


def _note_exception(_: Flask, exception: BaseException, **__: object) -> None:
    if (state := _state()) is not None:
        state.exception = exception


def _noting_exceptions(handle: Callable[[Exception], Any]) -> Callable[..., Any]:
    """Wrap Flask's dispatch to error handlers: it tells nobody what it handled."""

    @functools.wraps(handle)
    def handle_user_exception(e: Exception) -> Any:
        if (state := _state()) is not None:
            state.exception = e
        return handle(e)

    return handle_user_exception


@functools.lru_cache(maxsize=1024)
def _code_of_view(view: Callable[..., object], method: str) -> dict[str, str | int]:
    """Return `code.*` of the view; of a class-based one, of the method that answers."""
    if (view_class := getattr(view, "view_class", None)) is not None:
        names = (method.lower(), "get" if method == "HEAD" else "", "dispatch_request")
        view = next(
            getattr(view_class, name) for name in names if name in dir(view_class)
        )
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
