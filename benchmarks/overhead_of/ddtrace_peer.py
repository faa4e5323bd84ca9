"""Datadog's ddtrace, with its native core; the traces are dropped.

    python -m benchmarks.overhead_of.ddtrace_peer spans|requests

It needs ddtrace, which `make overhead` installs in .venv-peers.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from benchmarks.overhead_of.work import (
    ATTRIBUTES,
    CALLER,
    failing,
    make_app,
    requester,
)
from benchmarks.overhead_of.worker import serve


def start(**integrations: bool) -> Any:
    """Set up ddtrace without an agent, and return its tracer."""
    os.environ["DD_INSTRUMENTATION_TELEMETRY_ENABLED"] = "false"
    os.environ["DD_REMOTE_CONFIGURATION_ENABLED"] = "false"
    os.environ["DD_CELERY_DISTRIBUTED_TRACING"] = "true"
    os.environ["DD_TRACE_STARTUP_LOGS"] = "false"
    import ddtrace
    from ddtrace.trace import TraceFilter, tracer

    class Drop(TraceFilter):  # type: ignore[misc]  # untyped outside .venv-peers
        def process_trace(self, trace: Sequence[object]) -> None:
            """Drop the trace."""

    tracer.configure(trace_processors=[Drop()])
    ddtrace.patch(**integrations)
    return tracer


def main() -> None:
    """Serve the groups that ddtrace has variants of."""
    tracer = start(flask=True)
    if sys.argv[1:] == ["requests"]:
        app = make_app()
        serve(
            {
                "flask/ddtrace": requester(app),
                "flask from a caller/ddtrace": requester(app, CALLER),
            }
        )
        return

    def work() -> AbstractContextManager[object]:
        span: AbstractContextManager[object] = tracer.trace("work")
        for name, value in ATTRIBUTES.items():
            span.set_tag(name, value)  # type: ignore[attr-defined]
        return span

    def block() -> None:
        with work():
            pass

    with tracer.trace("parent"):
        serve({"span/ddtrace": block, "exception/ddtrace": failing(work)})


if __name__ == "__main__":
    main()
