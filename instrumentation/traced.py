"""Spans by hand: `@traced` on a function, `with span("price order"):` around lines.

Use: `@traced` above `def price_order(...)`, or `@traced(name="price")`.
Each span knows its line of code (`code.*`), at no cost per call for `@traced`.
Works on functions, coroutines, generators, async generators and methods. It goes
directly above `def`, below every other decorator.
Needs: opentelemetry-api.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
import linecache
import sys
import traceback
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextvars import Token
from pathlib import Path
from types import CodeType, TracebackType
from typing import Any, ParamSpec, TypeVar, overload

from opentelemetry import context, trace
from opentelemetry.context import Context
from opentelemetry.trace import Span, SpanKind, StatusCode

__tracing_helper__ = True  # CodeLocation looks past frames of this file

P = ParamSpec("P")
R = TypeVar("R")
Value = str | bool | int | float

# One tracer for all: get_tracer() costs half as much as a whole span.
_tracer = trace.get_tracer("otel_starter_kit.traced")


@overload
def traced(function: Callable[P, R], /) -> Callable[P, R]: ...
@overload
def traced(
    *,
    name: str | None = None,
    attributes: Mapping[str, Value] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...
def traced(
    function: Callable[P, R] | None = None,
    /,
    *,
    name: str | None = None,
    attributes: Mapping[str, Value] | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
) -> Callable[P, R] | Callable[[Callable[P, R]], Callable[P, R]]:
    """Make a span of every call.

    Args:
        function: What to trace; `@traced` without parentheses gives it.
        name: The span's name; default the function's (`price_order`, `Order.price`).
        attributes: The same for every call; what differs goes on the current span.
        kind: CLIENT for a call to another system without instrumentation of its own.

    Raises:
        TypeError: for what is not a plain function, with the order that works.

    A generator's span lasts from its first item to its end, and is current only while
    its own body runs: the code that consumes the items keeps its own span.

    >>> @traced
    ... def price_order(quantity: int) -> int:
    ...     return 900 * quantity
    >>> price_order(3)
    2700
    """

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        if isinstance(function, staticmethod | classmethod):
            return type(function)(decorate(function.__func__))
        _refuse_wrong_order(function)
        # As in "create_app.<locals>.price": what the reader looks for is at the end.
        title = name or function.__qualname__.rpartition("<locals>.")[2]
        fixed = {**_code_attributes(function), **(attributes or {})}

        def start() -> Span:
            return _tracer.start_span(title, None, kind, fixed)

        return _wrap(function, start)

    return decorate if function is None else decorate(function)


class span:  # noqa: N801 - used like a function: `with span("..."):`
    """Make a span of a few lines: `with span("render receipt") as current:`.

    It carries the line of this `with`; an exception that leaves the block makes it an
    error. Also for `async` functions, with the same plain `with`.

    >>> with span("render receipt", {"app.receipt.format": "text"}) as current:
    ...     current.set_attribute("app.receipt.lines", 12)
    """

    __slots__ = ("_attributes", "_name", "_span", "_token")
    _span: Span
    _token: Token[Context]

    def __init__(
        self, name: str, attributes: Mapping[str, Value] | None = None
    ) -> None:
        self._name = name
        caller = sys._getframe(1)
        place = _place(caller.f_code, caller.f_lineno, caller.f_globals["__name__"])
        self._attributes = {**place, **attributes} if attributes else place

    def __enter__(self) -> Span:
        self._span = _tracer.start_span(self._name, attributes=self._attributes)
        self._token = context.attach(trace.set_span_in_context(self._span))
        return self._span

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        stack: TracebackType | None,
    ) -> None:
        if exc is not None:
            _record_error(self._span, exc)
        context.detach(self._token)
        self._span.end()


def _wrap(
    function: Callable[..., Any], start: Callable[[], Span]
) -> Callable[..., Any]:
    if inspect.isasyncgenfunction(function):
        return _wrap_async_generator(function, start)
    if inspect.isgeneratorfunction(function):
        return _wrap_generator(function, start)
    if inspect.iscoroutinefunction(function):
        return _wrap_coroutine(function, start)
    return _wrap_function(function, start)


def _wrap_function(
    function: Callable[..., Any], start: Callable[[], Span]
) -> Callable[..., Any]:
    # The stock start_as_current_span is two nested context managers; written out,
    # the same span costs about a fifth less.
    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        span = start()
        token = context.attach(trace.set_span_in_context(span))
        try:
            return function(*args, **kwargs)
        except BaseException as exc:
            _record_error(span, exc)
            raise
        finally:
            context.detach(token)
            span.end()

    return call


def _wrap_coroutine(
    function: Callable[..., Any], start: Callable[[], Span]
) -> Callable[..., Any]:
    @functools.wraps(function)
    async def call(*args: Any, **kwargs: Any) -> Any:
        span = start()
        token = context.attach(trace.set_span_in_context(span))
        try:
            return await function(*args, **kwargs)
        except BaseException as exc:
            _record_error(span, exc)
            raise
        finally:
            context.detach(token)
            span.end()

    return call


class _Body:
    """A generator's span, and the context in which its body runs between items.

    `with body:` around each step puts the body's context in place and takes it away
    again, so that nothing of it leaks to the consumer. What the body itself left
    open (a `with span(...)` around a `yield`) is kept for its next step.
    """

    def __init__(self, span: Span) -> None:
        self.span = span
        self._context = trace.set_span_in_context(span)
        self._token: Token[Context] | None = None

    def __enter__(self) -> None:
        self._token = context.attach(self._context)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        exc: BaseException | None,
        stack: TracebackType | None,
    ) -> None:
        if self._token is not None:
            self._context = context.get_current()
            context.detach(self._token)


def _wrap_generator(
    function: Callable[..., Any], start: Callable[[], Span]
) -> Callable[..., Any]:
    @functools.wraps(function)
    def iterate(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        body = _Body(start())
        try:
            return (yield from _steps(function(*args, **kwargs), body))
        except BaseException as exc:
            _record_error(body.span, exc)
            raise
        finally:
            body.span.end()

    return iterate


def _steps(
    generator: Generator[Any, Any, Any], body: _Body
) -> Generator[Any, Any, Any]:
    """Do what `yield from` does (PEP 380), each step in the body's context."""
    step: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        try:
            with body:
                item = step(value)
        except StopIteration as stop:
            return stop.value
        try:
            value = yield item
            step = generator.send
        except GeneratorExit:
            with body:
                generator.close()
            raise
        except BaseException as exc:  # noqa: BLE001 - it goes to the generator
            value, step = exc, generator.throw


def _wrap_async_generator(
    function: Callable[..., Any], start: Callable[[], Span]
) -> Callable[..., Any]:
    @functools.wraps(function)
    async def iterate(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        body = _Body(start())
        generator = function(*args, **kwargs)
        step, value = generator.asend, None
        try:
            while True:
                try:
                    with body:
                        item = await step(value)
                except StopAsyncIteration:
                    return
                try:
                    value = yield item
                    step = generator.asend
                except GeneratorExit:
                    with body:
                        await generator.aclose()
                    raise
                except BaseException as exc:  # noqa: BLE001 - as above
                    value, step = exc, generator.athrow
        except BaseException as exc:
            _record_error(body.span, exc)
            raise
        finally:
            body.span.end()

    return iterate


def _refuse_wrong_order(function: object) -> None:
    """Raise TypeError where a span would measure the wrong thing, or nothing."""
    if isinstance(function, property | functools.cached_property):
        other = f"@{type(function).__name__}"
    elif hasattr(function, "apply_async"):
        other = "Celery's @task"
    elif _comes_from(function, contextlib):
        other = "@contextmanager"
    elif inspect.isfunction(function):
        return
    else:
        raise TypeError(
            f"@traced is for functions, and {function!r} is a "
            f"{type(function).__name__}: put @traced on the method or function inside."
        )
    raise TypeError(f"Put @traced below {other}, directly above the def.")


def _comes_from(function: object, module: object) -> bool:
    code = getattr(function, "__code__", None)
    return isinstance(code, CodeType) and code.co_filename == vars(module)["__file__"]


_places: dict[tuple[int, int], tuple[CodeType, dict[str, Value]]] = {}


def _place(code: CodeType, line: int, module: str) -> dict[str, Value]:
    """Return `code.*` of a calling line, worked out at its first call."""
    known = _places.get((id(code), line))
    if known is None:
        attributes: dict[str, Value] = {
            "code.function.name": f"{module}.{code.co_qualname}",
            "code.file.path": _relative_path(code.co_filename),
            "code.line.number": line,
        }
        # The code object is kept, so that its id is not given to another.
        known = _places[id(code), line] = (code, attributes)
    return known[1]


def _code_attributes(function: Callable[..., object]) -> dict[str, str | int]:
    """Return `code.*` of a function of yours, decorators looked through."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is None or "site-packages" in code.co_filename:
        return {}
    return {
        "code.function.name": f"{function.__module__}.{function.__qualname__}",
        "code.file.path": _relative_path(code.co_filename),
        "code.line.number": _line_of_def(code),
    }


def _line_of_def(code: CodeType) -> int:
    """Return the line of the `def`; a code object starts at its first decorator."""
    last = max(line for _, _, line in code.co_lines() if line is not None)
    for line in range(code.co_firstlineno, last + 1):
        text = linecache.getline(code.co_filename, line).lstrip()
        if text.startswith(("def ", "async def ")):
            return line
    return code.co_firstlineno


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
    ending = (GeneratorExit, asyncio.CancelledError)  # told to stop: no failure
    if isinstance(exc, ending) or getattr(exc, "__otel_expected__", False):
        return
    if not span.is_recording():
        return
    kind = type(exc)
    name = kind.__qualname__
    if kind.__module__ != "builtins":
        name = f"{kind.__module__}.{name}"
    span.set_status(StatusCode.ERROR, str(exc))
    span.set_attribute("error.type", name)
    if getattr(exc, "__otel_recorded__", False):
        return
    with contextlib.suppress(AttributeError):  # a class with __slots__: on each span
        exc.__otel_recorded__ = True  # type: ignore[attr-defined]
    stack = "".join(traceback.format_exception(exc))
    event = {"exception.type": name, "exception.message": str(exc)}
    span.add_event("exception", {**event, "exception.stacktrace": stack})
