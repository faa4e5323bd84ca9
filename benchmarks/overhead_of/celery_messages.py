"""Celery's messages: sent to a queue in memory, and run as a worker runs them.

    python -m benchmarks.overhead_of.celery_messages kit|stock|ddtrace|none

The argument is the tool that traces.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.app.trace import build_tracer
from opentelemetry import trace

from benchmarks.overhead_of.worker import serve

NAMES = {
    "none": "no tracing",
    "stock": "stock (contrib)",
    "kit": "trace_celery",
    "ddtrace": "ddtrace",
}


def instrument(app: Celery, tool: str) -> None:
    """Trace `app` with a tool, which only this process imports."""
    if tool in ("stock", "kit"):
        from benchmarks.overhead_of.kit import batching_provider

        trace.set_tracer_provider(batching_provider())
    if tool == "stock":
        from opentelemetry.instrumentation.celery import CeleryInstrumentor

        CeleryInstrumentor().instrument()
    if tool == "kit":
        from instrumentation.celery_tracing import trace_celery

        trace_celery(app)


def as_received(app: Celery) -> dict[str, Any]:
    """Take a message off the queue; return it as a worker passes it to its task."""
    with app.connection_for_read() as connection:
        message = app.amqp.queues["celery"](connection.default_channel).get()
        assert message is not None
    return {
        **message.headers,
        "delivery_info": message.delivery_info,
        "hostname": "worker@here",
        "is_eager": False,
    }


def main() -> None:
    """Serve sending and processing, with the tool of the argument."""
    [tool] = sys.argv[1:]
    if tool == "ddtrace":
        from benchmarks.overhead_of import ddtrace_peer

        ddtrace_peer.start(celery=True)
    app = Celery("benchmark", broker="memory://")

    @app.task(ignore_result=True)
    def receipt() -> None:
        """Do nothing."""

    instrument(app, tool)
    receipt.apply_async()
    request = as_received(app)
    run = build_tracer(receipt.name, receipt, app=app)

    def process() -> object:
        return run(request["id"], [], {}, dict(request))

    variants: dict[str, Callable[[], object]] = {
        f"celery send/{NAMES[tool]}": receipt.apply_async,
        f"celery process/{NAMES[tool]}": process,
    }
    with trace.get_tracer("benchmark").start_as_current_span("parent"):
        serve(variants)


if __name__ == "__main__":
    main()
