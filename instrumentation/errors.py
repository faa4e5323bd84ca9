"""One place that says what an error is: recorded once, where it happened.

Use: `except TimeoutError as error: record_error(error)`, and `expected(CardDeclined)`
for exceptions that are an answer rather than a failure.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.1.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from errors import expected, record_error
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))

    class CardDeclined(Exception): ...

    expected(CardDeclined)
    with trace.get_tracer("shop").start_as_current_span("deliver receipt"):
        try:
            raise TimeoutError("no answer from the mail server")
        except TimeoutError as error:
            record_error(error)

You will see:
    deliver receipt
        error.type = TimeoutError
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
