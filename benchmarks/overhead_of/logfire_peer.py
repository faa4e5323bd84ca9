"""Logfire as in its documentation; nothing leaves the process.

    python -m benchmarks.overhead_of.logfire_peer spans|requests

It needs logfire, which `make overhead` installs in .venv-peers.
"""

from __future__ import annotations

import sys

import logfire
from opentelemetry.sdk.trace.export import BatchSpanProcessor

from benchmarks.overhead_of.kit import Dropping
from benchmarks.overhead_of.work import (
    ATTRIBUTES,
    CALLER,
    failing,
    make_app,
    requester,
)
from benchmarks.overhead_of.worker import serve


def main() -> None:
    """Serve the groups that logfire has variants of."""
    logfire.configure(
        send_to_logfire=False,
        console=False,
        additional_span_processors=[BatchSpanProcessor(Dropping())],
    )
    if sys.argv[1:] == ["requests"]:
        app = make_app()
        logfire.instrument_flask(app)
        serve(
            {
                "flask/logfire": requester(app),
                "flask from a caller/logfire": requester(app, CALLER),
            }
        )
        return

    def work(order_id: str, plan: str, quantity: int) -> None:
        """Do nothing, inside a span; its attributes are the arguments."""

    decorated = logfire.instrument("work")(work)

    def block() -> None:
        with logfire.span("work", **ATTRIBUTES):
            pass

    with logfire.span("parent"):
        serve(
            {
                "span/logfire.span": block,
                "span/@logfire.instrument": lambda: decorated("o-17", "pro", 3),
                "exception/logfire": failing(
                    lambda: logfire.span("work", **ATTRIBUTES)
                ),
            }
        )


if __name__ == "__main__":
    main()
