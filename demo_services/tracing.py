"""The switch between the demo's two kinds of tracing, `TRACING=kit` or `auto`.

    from demo_services.tracing import set_fields, start_tracing, trace_flask, traced

In `kit` mode these names are the helpers of `instrumentation/`, set up for the demo. In
`auto` mode `opentelemetry-instrument` starts the process, and the same names do
nothing: the traces show the contrib packages alone. Your own service needs no such
file: it imports the helpers.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

KIT = os.environ.get("TRACING", "kit") == "kit"

if TYPE_CHECKING:
    from celery import Celery

if TYPE_CHECKING or KIT:
    from demo_services.kit_tracing import start_tracing
    from instrumentation.business import set_fields
    from instrumentation.context import from_headers, inject_headers
    from instrumentation.errors import expected
    from instrumentation.flask_tracing import trace_flask
    from instrumentation.traced import span, traced
else:
    from demo_services.no_tracing import (
        expected,
        from_headers,
        inject_headers,
        set_fields,
        span,
        start_tracing,
        trace_flask,
        traced,
    )


def trace_celery(queue: Celery) -> None:
    """Trace the tasks of a queue, at the sender and in the worker.

    The import is inside: gateway and payments have no queue, and Celery takes 6 MB of
    each process that imports it.
    """
    if KIT:
        from instrumentation import celery_tracing

        celery_tracing.trace_celery(queue)


__all__ = [
    "expected",
    "from_headers",
    "inject_headers",
    "set_fields",
    "span",
    "start_tracing",
    "trace_celery",
    "trace_flask",
    "traced",
]
