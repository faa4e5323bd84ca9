# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Spans by hand: `@traced` on a function, `with span("price order"):` around lines.

Use: `@traced` above `def price_order(...)`, or `@traced(name="price")`; always directly
above `def`, below every other decorator. Above `class`, it traces the public methods.
Each span has its line of code (`code.*`), at no cost per call for `@traced`. Works on
functions, coroutines, generators, async generators and methods.
Needs: pip install opentelemetry-api~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from traced import span, traced

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))

    @traced
    def price_order(quantity: int) -> int:
        with span("look up price", {"shop.plan": "team"}):
            return 900 * quantity

    price_order(3)

You will see:
    price_order
        code.function.name = __main__.price_order
      look up price
          shop.plan = team
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, TypeVar, overload

from opentelemetry import context, trace
from opentelemetry.trace import Span, SpanKind, StatusCode

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

F = TypeVar("F", bound=Callable[..., Any])
Fields = Mapping[str, str | bool | int | float]
_Function = Callable[..., Any]

# One tracer for all: get_tracer() costs half as much as a whole span.
_tracer = trace.get_tracer("tracing_starter_kit.traced")

# Its tokens tell whether a block ends in the task and thread in which it began.
_entered: ContextVar[None] = ContextVar("tracing_starter_kit.traced")


@overload
def traced(function: F, /) -> F: ...
@overload
def traced(
    *,
    name: str | None = None,
    attributes: Fields | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Callable[[F], F]: ...
def traced(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    attributes: Fields | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Any:
    """Make a span of every call.

    Args:
        function: The function to trace, for `@traced` without parentheses. A class has
            each of its own methods traced whose name has no leading "_".
        name: The span's name; default the function's (`price_order`, `Order.price`).
        attributes: The same for every call; set others on the current span.
        kind: CLIENT for a call to another system without instrumentation of its own.

    Raises:
        TypeError: for anything but a plain function, with the order that works.

    A generator's span lasts from its first item to its end, and is current only while
    its own body runs: the code that consumes the items keeps its own span.

    >>> @traced
    ... def price_order(quantity: int) -> int:
    ...     return 900 * quantity
    >>> price_order(3)
    2700
    """

    def decorate(function: Any) -> Any:
        if isinstance(function, staticmethod | classmethod):
            return type(function)(decorate(function.__func__))
        if name is None and (methods := _public_methods(function)):
            for key, method in methods.items():
                if not hasattr(method, "__otel_traced__"):
                    setattr(function, key, decorate(method))
            return function
        _refuse_wrong_order(function)
        # Readers look for the end of "create_app.<locals>.price".
        title = name or function.__qualname__.rpartition("<locals>.")[2]
        constant = {**_code_attributes(function), **(attributes or {})}
        call: Any = _wrapper_for(function)(function, title, constant, kind)
        call.__otel_traced__ = True  # decorators above that use wraps() keep it
        return call

    return decorate if function is None else decorate(function)


def _public_methods(owner: object) -> dict[str, Any]:
    """Return the public methods that a class defines itself; {} for other objects."""
    return {
        name: member
        for name, member in (vars(owner).items() if isinstance(owner, type) else ())
        if name[0] != "_" and inspect.isfunction(getattr(member, "__func__", member))
    }


class _Block:
    """A span that is current for the length of a `with`.

    The stock `start_as_current_span` is two nested generators; this class makes the
    same span a fifth cheaper.
    """

    __slots__ = ("_before", "_here", "_span", "_start", "_tokens")

    def __init__(self, name: str, attributes: Fields, kind: SpanKind) -> None:
        self._start = name, attributes, kind

    def __enter__(self) -> Span:
        name, attributes, kind = self._start
        before = self._before = context.get_current()
        span = self._span = _tracer.start_span(name, before, kind, attributes)
        self._here = trace.set_span_in_context(span, before)
        self._tokens = context.attach(self._here), _entered.set(None)
        return span

    def __exit__(self, _: object, exc: BaseException | None, stack: object) -> None:
        try:
            _entered.reset(self._tokens[1])
            context.detach(self._tokens[0])
        except ValueError:
            # A generator was closed from another task or thread. The task that began
            # the block cannot be reached, but the context that it holds can.
            parent = trace.get_current_span(self._before)
            dict.update(self._here, trace.set_span_in_context(parent, self._before))
        finally:
            _end(self._span, exc)


def span(name: str, attributes: Fields | None = None) -> _Block:
    """Make a span of the lines of a `with`.

    Args:
        name: The span's name, whatever the lines do.
        attributes: The first attributes; set others on `current`.

    The span has the line of this `with`. An exception that leaves the block makes it an
    error. In `async` functions it is a plain `with`, too.

    >>> with span("render receipt", {"shop.receipt.format": "text"}) as current:
    ...     current.set_attribute("shop.receipt.lines", 12)
    """
    place = _place(sys._getframe(1))
    with_place = {**place, **attributes} if attributes else place
    return _Block(name, with_place, SpanKind.INTERNAL)


class _Body(contextlib.AbstractContextManager["_Body"]):
    """A generator's span: current while the generator's body runs, not between items.

    A `with span(...)` around a `yield` is current again in the next step of the body;
    the consumer's code keeps its own span.
    """

    def __init__(self, name: str, attributes: Fields, kind: SpanKind) -> None:
        self._span = _tracer.start_span(name, None, kind, attributes)
        self._context = trace.set_span_in_context(self._span)

    @contextlib.contextmanager
    def step(self) -> Generator[None]:
        token = context.attach(self._context)
        try:
            yield
        finally:
            self._context = context.get_current()
            context.detach(token)

    def __exit__(self, _: object, exc: BaseException | None, stack: object) -> None:
        _end(self._span, exc)


def _end(span: Span, exc: Any) -> None:
    try:
        _record_error(span, exc)  # None is not an error either
    finally:
        span.end()


def _wrapper_for(function: _Function) -> Callable[..., _Function]:
    if inspect.isasyncgenfunction(function):
        return _wrap_async_generator
    if inspect.isgeneratorfunction(function):
        return _wrap_generator
    if inspect.iscoroutinefunction(function):
        return _wrap_coroutine
    return _wrap_function


def _wrap_function(function: _Function, *span_args: Any) -> _Function:
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        with _Block(*span_args):
            return function(*args, **kwargs)

    return call


def _wrap_coroutine(function: _Function, *span_args: Any) -> _Function:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        with _Block(*span_args):
            return await function(*args, **kwargs)

    return call


def _wrap_generator(function: _Function, *span_args: Any) -> _Function:
    # As `yield from` does it (PEP 380), but each step in the body's own context.
    @functools.wraps(function)
    def iterate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        generator = function(*args, **kwargs)
        advance, value = generator.send, None
        with _Body(*span_args) as body:
            while True:
                try:
                    with body.step():
                        item = advance(value)
                except StopIteration as stop:
                    return stop.value
                try:
                    value, advance = (yield item), generator.send
                except BaseException as exc:  # noqa: BLE001 - it goes to the body
                    value, advance = exc, generator.throw

    return iterate


def _wrap_async_generator(function: _Function, *span_args: Any) -> _Function:
    @functools.wraps(function)
    async def iterate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        generator = function(*args, **kwargs)
        advance, value = generator.asend, None
        with _Body(*span_args) as body:
            while True:
                try:
                    with body.step():
                        item = await advance(value)
                except StopAsyncIteration:
                    return
                try:
                    value, advance = (yield item), generator.asend
                except BaseException as exc:  # noqa: BLE001 - it goes to the body
                    value, advance = exc, generator.athrow

    return iterate


def _refuse_wrong_order(function: Any) -> None:
    """Raise TypeError where a span would measure the wrong thing, or nothing."""
    if isinstance(function, property | functools.cached_property):
        other = f"@{type(function).__name__}"
    elif hasattr(function, "apply_async"):
        other = "Celery's @task"
    elif not inspect.isfunction(function):
        raise TypeError(
            f"@traced is for functions, and {function!r} is a "
            f"{type(function).__name__}: put @traced on the method or function inside."
        )
    elif _wrapper_for(inspect.unwrap(function)) is not _wrapper_for(function):
        other = "@contextmanager, or another decorator that makes a plain function"
    else:
        other = _registering_decorator(function)  # or "": the order is right
    if other:
        raise TypeError(f"Put @traced below {other}, directly above the def.")


_MARKS = re.compile(r"@(\w+\.)*(final|overload|override|\w+method)\b")
_REGISTERS = re.compile(
    r".*\.(route|get|post|put|patch|delete|connect|\w*handler|\w+_(request|appcontext))$"
)


def _registering_decorator(function: _Function) -> str:
    """Return the decorator between `@traced` and `def` that keeps the bare function.

    `@app.get("/…")`, `@task_prerun.connect` and others register the function that they
    get, and return it unchanged. Only the source shows the order of the decorators.
    """
    code = inspect.unwrap(function).__code__
    source = "".join(linecache.getlines(code.co_filename)[code.co_firstlineno - 1 :])
    above = re.split("def |lambda", source, maxsplit=1)[0]
    _, at_traced, below = above.rpartition("traced")
    is_wrapped = hasattr(function, "__wrapped__")
    for name in re.findall(r"^\s*(@[\w.]+)", below if at_traced else "", re.MULTILINE):
        if _REGISTERS.match(name) or not (is_wrapped or _MARKS.match(name)):
            return str(name)
    return ""


_places: dict[tuple[int, int], tuple[CodeType, Fields]] = {}


def _place(caller: FrameType) -> Fields:
    """Return `code.*` of a calling line, worked out at its first call."""
    code, line = caller.f_code, caller.f_lineno
    key = id(code), line
    if key not in _places:
        attributes: Fields = {
            "code.function.name": f"{caller.f_globals['__name__']}.{code.co_qualname}",
            "code.file.path": _relative_path(code.co_filename),
            "code.line.number": line,
        }
        _places[key] = code, attributes  # the code, so that no other object gets its id
    return _places[key][1]


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
