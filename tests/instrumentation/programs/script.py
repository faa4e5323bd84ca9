"""Makes spans, says "ending", and ends. Arguments: how many, and what to do then."""

import atexit
import logging
import sys
import time

from instrumentation.traced import span
from instrumentation.tracing_setup import flush, shutdown, start_tracing

logging.basicConfig(format="LOGGED %(name)s %(message)s")


def print_wait() -> None:
    print("waited", time.monotonic() - ending)


# Registered first, so run last: after the end of tracing, before the interpreter's.
atexit.register(print_wait)
count, then = int(sys.argv[1]), sys.argv[2:]
limit = 0.1 if then else 2.0  # after a flush nothing is left to wait for
provider = start_tracing("script", version="1.2", exit_timeout=limit)
again = start_tracing("script", version="1.2", exit_timeout=limit)
for number in range(count):
    with span(f"work {number}"):
        pass
start = time.monotonic()
if then in (["flush"], ["shutdown"]):
    print(then[0], (flush if then == ["flush"] else shutdown)(1.0))
    print("took", time.monotonic() - start)
ending = time.monotonic()
print("ending", again is provider, flush=True)
