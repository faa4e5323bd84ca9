"""Forks children from a process that has an open connection to the collector."""

import os

from instrumentation.traced import span
from instrumentation.tracing_setup import flush, start_tracing

start_tracing("parent")


def work(count: int) -> bool:
    """Deliver spans one by one, and return whether all arrived."""
    have_arrived = True
    for _ in range(count):
        with span("work"):
            pass
        have_arrived = flush(5) and have_arrived
    return have_arrived


assert work(1)
children = []
for _ in range(8):
    child = os.fork()
    if child == 0:
        os._exit(0 if work(10) else 1)
    children.append(child)
print([os.waitpid(child, 0)[1] for child in children])
