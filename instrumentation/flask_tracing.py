# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from http import HTTPMethod
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, has_request_context, request
from opentelemetry import context, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import Getter
from opentelemetry.trace import Span, SpanKind, StatusCode, TracerProvider
from werkzeug.exceptions import HTTPException

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_NAME = "otel_starter_kit.flask"  # the scope, and the key of our state in the environ
_METHODS = frozenset(HTTPMethod.__members__)
_AS_IT_IS = (
    ("url.scheme", "wsgi.url_scheme"),
    ("client.address", "REMOTE_ADDR"),
    ("user_agent.original", "HTTP_USER_AGENT"),
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
            database queries nor their calls to other services are traced, unless the
            sampler asks no parent (OTEL_TRACES_SAMPLER=always_on; the default does).
            "/health" also stands for "/health/ready".
        trust_inbound: False at the public edge. The caller's baggage is dropped (it
            would write into your business fields), and its trace is not continued
            (it would decide what you sample, and mix its requests into one trace):
            the request starts a trace of its own, linked to the caller's span.
        tracer_provider: Default: the global one.

    5xx is an error, 4xx is not: the server did its work. An expected exception that
    nobody answers becomes a 500, and that is one.
    Source: semantic conventions, "HTTP server span" (stable).

    >>> app = Flask("shop")
    >>> trace_flask(app, exclude=["/health", "/metrics"])
    >>> app.test_client().get("/nothing-here").status_code
    404
    """
    if _NAME in app.extensions:
        return
    tracer = trace.get_tracer(_NAME, tracer_provider=tracer_provider)
    below = tuple(f"{path}/" for path in exclude)

    def begin(environ: WSGIEnvironment) -> _Request:
        asked: str = environ.get("PATH_INFO", "")
        if asked in exclude or asked.startswith(below):
            # Kept nowhere, and what starts below it is not sampled either.
            ids = secrets.randbits(128) | 1, secrets.randbits(64) | 1
            unsampled = trace.SpanContext(*ids, is_remote=False)
            return _Request(trace.NonRecordingSpan(unsampled), Context())
        parent, links = propagate.extract(environ, Context(), _Headers()), []
        if not trust_inbound:
            caller = trace.get_current_span(parent).get_span_context()
            parent, links = Context(), [trace.Link(caller)] if caller.is_valid else []
        name, found = _title(environ["REQUEST_METHOD"]), _attributes(environ)
        span = tracer.start_span(name, parent, SpanKind.SERVER, found, links)
        return _Request(span, parent)

    app.extensions[_NAME] = app.wsgi_app
    app.wsgi_app = functools.partial(_answer, begin, app.wsgi_app)  # type: ignore[method-assign]
    # Flask's signals say less (nothing of an exception that a handler turned into a
    # 5xx) and cost more.
    for method, ours in _AROUND.items():
        setattr(app, method, functools.partial(ours, app, getattr(app, method)))


class _Request:
    """One request while it is answered: its span, its outcome, and its body.

    As the body, it makes the span current while a part is made, and ends with it.
    """

    place: Mapping[str, str | int] = MappingProxyType({})  # the route, and its code
    status = 0
    exception: BaseException | None = None
    body: Iterable[bytes] = ()
    whole = False  # all of the body was made before the app returned
    unsent = -1  # bytes; below zero where nobody said how many there are

    def __init__(self, span: Span, parent: Context) -> None:
        self.span = span
        self.context = trace.set_span_in_context(span, parent)

    def __iter__(self) -> Iterator[bytes]:
        parts = iter(self.body)
        if self.whole:
            return parts
        self._next = parts.__next__
        return self

    def __next__(self) -> bytes:
        token = context.attach(self.context)
        try:
            part = self._next()
        except StopIteration:
            self.end()
            raise
        except BaseException as exc:
            self.fail(exc)
            raise
        finally:
            context.detach(token)
        self.unsent -= len(part)
        if self.unsent == 0:  # nobody need ask for more
            self.end()
        return part

    def close(self) -> None:
        """End the span; the server calls this also when the client has gone away."""
        if not self.whole and self.span.is_recording():  # the body came to no end
            self.span.set_attributes({"kit.response.cut_short": True})
        token = context.attach(self.context)
        try:
            getattr(self.body, "close", lambda: None)()
        finally:
            context.detach(token)
            self.end()

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
        status = {"http.response.status_code": self.status} if self.status else {}
        self.span.set_attributes({**self.place, **status})
        if self.status >= 500:
            # abort(503) is raised on purpose, and what is expected is not recorded: the
            # status says it all.
            told = isinstance(exc, HTTPException)
            told = told or getattr(type(exc), "__otel_expected__", False)
            if isinstance(exc, Exception) and not told:
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
    """Be the WSGI application around Flask's own (PEP 3333)."""
    if _NAME in environ:  # mounted in a traced app: still one request, one span
        return wsgi_app(environ, start_response)
    this = environ[_NAME] = begin(environ)

    def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
        this.status = int(status[:3]) if status[:3].isdecimal() else 0
        length = "" if this.whole else dict(headers).get("Content-Length", "")
        this.unsent = int(length) if length.isdecimal() else -1
        return start_response(status, headers, *rest)

    token = context.attach(this.context)
    try:
        body = this.body = wsgi_app(environ, start)
    except BaseException as exc:
        this.fail(exc)
        raise
    finally:
        context.detach(token)
    # A file the server sends by itself, better than any iterator could.
    is_file = type(body) is environ.get("wsgi.file_wrapper")
    if is_file or this.whole:
        this.end()
    return body if is_file else this


class _Headers(Getter["WSGIEnvironment"]):
    """Finds a request's headers where WSGI has them."""

    def get(self, carrier: WSGIEnvironment, key: str) -> list[str] | None:
        value = carrier.get(f"HTTP_{key.upper().replace('-', '_')}")
        return None if value is None else [value]

    def keys(self, carrier: WSGIEnvironment) -> list[str]:
        found = (name[5:] for name in carrier if name.startswith("HTTP_"))
        return [name.replace("_", "-").lower() for name in found]


def _title(method: str) -> str:
    """Return the method as a span's name: unknown ones would be without bound."""
    return method if method in _METHODS else "HTTP"


def _attributes(environ: WSGIEnvironment) -> dict[str, str | int]:
    found = {name: value for name, key in _AS_IT_IS if (value := environ.get(key))}
    method: str = environ["REQUEST_METHOD"]
    found["http.request.method"] = method if method in _METHODS else "_OTHER"
    if method not in _METHODS:
        found["http.request.method_original"] = method
    # WSGI hands bytes over, disguised as latin-1.
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    found["url.path"] = path.encode("latin-1", "replace").decode(errors="replace")
    if query := environ.get("QUERY_STRING"):
        found["url.query"] = _SIGNATURES.sub(r"\1=REDACTED", query)
    here = "{SERVER_NAME}:{SERVER_PORT}"
    found |= _host_and_port(environ.get("HTTP_HOST") or here.format_map(environ))
    protocol: str = environ.get("SERVER_PROTOCOL", "")
    found["network.protocol.version"] = protocol.removeprefix("HTTP/")
    return found


@functools.lru_cache(maxsize=256)
def _host_and_port(said: str) -> dict[str, str | int]:
    """Return where the caller says that it called, or where the server listens."""
    host, colon, port = said.rpartition(":")
    if colon and re.fullmatch(r"[0-9]{1,5}", port):
        return {"server.address": host.strip("[]"), "server.port": int(port)}
    return {"server.address": said.strip("[]")}  # no port, or what a scanner made up


def _dispatch(app: Flask, dispatch: Callable[..., Response], *given: Any) -> Response:
    """Be `full_dispatch_request`, which Flask calls once it has looked for a route."""
    asked: Request = request._get_current_object()  # type: ignore[attr-defined]
    this = asked.environ.get(_NAME)
    if this is None or not this.span.is_recording():
        return dispatch(*given)
    if (rule := asked.url_rule) is not None:  # a 404 keeps the method alone
        route = asked.root_path.rstrip("/") + rule.rule
        name, this.place = _name_and_place(app, rule.endpoint, asked.method, route)
        this.span.update_name(name)
    response = dispatch(*given)
    this.whole = response.is_sequence
    return response


def _note_and_handle(_: Flask, handle: Callable[..., Any], *given: Any) -> Any:
    """Note an exception that Flask, or a handler of the app, may turn into a 5xx."""
    this = request.environ.get(_NAME) if has_request_context() else None
    if this is not None:
        this.exception = given[-1]  # from Flask 3.2 on, its context comes first
    return handle(*given)


_AROUND = {
    "full_dispatch_request": _dispatch,
    "handle_user_exception": _note_and_handle,
    "handle_exception": _note_and_handle,
}


@functools.lru_cache(maxsize=1024)
def _name_and_place(
    app: Flask, endpoint: str, method: str, route: str
) -> tuple[str, dict[str, str | int]]:
    """Return the span's name; `http.route`, and `code.*` of what answers."""
    view = app.view_functions.get(endpoint)
    if (view_class := getattr(view, "view_class", None)) is not None:
        name = "get" if method == "HEAD" else method.lower()
        view = getattr(view_class, name, view_class.dispatch_request)
    code = {} if view is None else _code_attributes(view)
    return f"{_title(method)} {route}", {"http.route": route, **code}


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
