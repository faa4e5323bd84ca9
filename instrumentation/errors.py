"""One place that says what an error is: recorded once, where it happened.

Use: `except TimeoutError as error: record_error(error)`, and `expected(CardDeclined)`
for exceptions that are an answer rather than a failure.
Needs: opentelemetry-api.
"""

from __future__ import annotations

import contextlib
import traceback

from opentelemetry import trace
from opentelemetry.trace import Span, StatusCode

__tracing_helper__ = True  # CodeLocation looks past frames of this file


def record_error(exc: BaseException, span: Span | None = None) -> None:
    """Say on `span` (default: the current one) that it failed because of `exc`.

    The span's status becomes ERROR with the plain message, and `error.type` names
    the class. The exception itself, with its stack trace, becomes an event on the
    first span that sees it, and on no other: the conventions ask for once, and
    formatting a stack trace is the expensive part.
    Source: semantic conventions, "Recording errors" and "Exceptions on spans".

    >>> try:
    ...     int("twelve")
    ... except ValueError as error:
    ...     record_error(error)
    """
    _record_error(trace.get_current_span() if span is None else span, exc)


def expected(*types: type[BaseException]) -> None:
    """Declare exception classes, and what inherits from them, to be no errors.

    A span that one of them passes through keeps its status: a declined card is an
    answer of the business, and should not turn a service's error rate red.

    Raises:
        TypeError: for a built-in class, which would make every use of it no error.

    >>> class CardDeclined(Exception): ...
    >>> expected(CardDeclined)
    """
    for kind in types:
        try:
            kind.__otel_expected__ = True  # type: ignore[attr-defined]
        except TypeError:
            raise TypeError(
                f"expected({kind.__name__}) would hide every {kind.__name__}: "
                f"raise a class of your own that inherits from it, and expect that."
            ) from None


def _record_error(span: Span, exc: BaseException) -> None:
    """Set ERROR, `error.type` and the message; add the exception if it is new."""
    # What is no Exception (GeneratorExit, CancelledError, SystemExit) says "stop".
    if not isinstance(exc, Exception) or not span.is_recording():
        return
    if getattr(exc, "__otel_expected__", False):
        return
    name = f"{type(exc).__module__}.{type(exc).__qualname__}".removeprefix("builtins.")
    try:  # one lone surrogate in a message would make OTLP refuse the whole batch
        message = str(exc).encode(errors="replace").decode()
    except Exception:  # noqa: BLE001 - whatever a class's own __str__ raises
        message = "(no message: its __str__ failed)"
    span.set_status(StatusCode.ERROR, message)
    span.set_attribute("error.type", name)
    trace_id = span.get_span_context().trace_id
    if getattr(exc, "__otel_recorded__", None) == trace_id:
        return
    with contextlib.suppress(AttributeError):  # a class with __slots__: on each span
        exc.__otel_recorded__ = trace_id  # type: ignore[attr-defined]
    # The innermost frames, because a runaway recursion has a thousand.
    stack = "".join(traceback.format_exception(exc, limit=-50))
    stack = stack.encode(errors="replace").decode()
    event = {"exception.type": name, "exception.message": message}
    span.add_event("exception", {**event, "exception.stacktrace": stack})
