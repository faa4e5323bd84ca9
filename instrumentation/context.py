# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Carry the trace context into threads, processes and queues of your own.

Use: `pool = ContextThreadPoolExecutor()` instead of `ThreadPoolExecutor()`, or
`Thread(target=carry(work))`; `ContextProcessPoolExecutor` for processes;
`inject_headers()` on one side of a home-made queue and `with from_headers(headers):`
on the other.
Needs: pip install opentelemetry-api~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from context import ContextThreadPoolExecutor
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    tracer = trace.get_tracer("shop")

    def deliver(receipt: str) -> None:
        tracer.start_span(f"deliver {receipt}").end()

    with tracer.start_as_current_span("order"):
        with ContextThreadPoolExecutor(max_workers=1) as pool:
            pool.map(deliver, ["r-1", "r-2"])

You will see:
    order
      deliver r-1
      deliver r-2
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from opentelemetry import context, propagate

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

P = ParamSpec("P")
T = TypeVar("T")


def carry(function: Callable[P, T]) -> Callable[P, T]:
    """Return `function` bound to the current context.

    Use it for `Thread(target=carry(f))`, `Timer(1.0, carry(f))` and
    `loop.run_in_executor(None, carry(f))`, which start with an empty context: without
    it, the spans of `f` become traces of their own. Only the tracing context travels
    (span, baggage), no other context variable.

    >>> carry(len)("four")
    4
    """
    here = context.get_current()

    @functools.wraps(function)
    def run_here(*args: P.args, **kwargs: P.kwargs) -> T:
        token = context.attach(here)
        try:
            return function(*args, **kwargs)
        finally:
            context.detach(token)

    return run_here


class ContextThreadPoolExecutor(ThreadPoolExecutor):
    """A `ThreadPoolExecutor` whose tasks run below the span that submitted them.

    `map` goes through `submit`, and so does `loop.run_in_executor(pool, f)`.

    >>> with ContextThreadPoolExecutor(max_workers=2) as pool:
    ...     pool.submit(len, "four").result()
    4
    """

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Schedule `fn(*args, **kwargs)` in the current tracing context."""
        return super().submit(carry(fn), *args, **kwargs)


class ContextProcessPoolExecutor(ProcessPoolExecutor):
    """A `ProcessPoolExecutor` whose tasks continue the trace that submitted them.

    Business fields travel too. A child made by "fork" inherits its parent's tracing.
    With "spawn" and "forkserver" (Python 3.14's default) each child has to start its
    own: `ContextProcessPoolExecutor(initializer=start_tracing, initargs=("billing",))`.

    >>> with ContextProcessPoolExecutor(max_workers=1) as pool:
    ...     pool.submit(len, "four").result()
    4
    """

    def submit(
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Schedule `fn(*args, **kwargs)` as part of the current trace."""
        return super().submit(_continue_trace, inject_headers(), fn, *args, **kwargs)


def _continue_trace(
    headers: dict[str, str], fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
) -> T:
    with from_headers(headers):
        return fn(*args, **kwargs)


def inject_headers() -> dict[str, str]:
    """Return the current context as text headers: `traceparent`, and `baggage`.

    Send them with the message of a home-made queue, in a file or in a subprocess's
    environment, and pass them to `from_headers` on the other side.

    >>> inject_headers()  # no span here
    {}
    """
    headers: dict[str, str] = {}
    propagate.inject(headers)
    return headers


@contextmanager
def from_headers(headers: Mapping[str, str]) -> Iterator[None]:
    """Continue the trace of `headers` within the block.

    >>> with from_headers({"traceparent": f"00-{7:032x}-{8:016x}-01"}):
    ...     inject_headers()["traceparent"][-19:]
    '0000000000000008-01'
    """
    token = context.attach(propagate.extract(headers, context.Context()))
    try:
        yield
    finally:
        context.detach(token)
