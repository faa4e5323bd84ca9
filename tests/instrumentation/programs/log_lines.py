"""Logs a line in a span, in this process or in a forked child, and then ends.

Arguments: how many lines; then "child", "flush" or nothing.
"""

import atexit
import logging
import multiprocessing
import sys
import time

from instrumentation.log_export import send_logs
from instrumentation.logs import log_event
from instrumentation.traced import span
from instrumentation.tracing_setup import flush, start_tracing


def print_wait() -> None:
    print("waited", time.monotonic() - ending)


# Registered first, so run last: after the end of tracing.
atexit.register(print_wait)


def work() -> None:
    for number in range(count):
        with span("order"):
            log_event(
                "order placed", {"shop.order.id": f"o-{number}", "shop.quantity": 3}
            )


count, then = int(sys.argv[1]), sys.argv[2:]
logging.getLogger().setLevel(logging.INFO)
start_tracing("shop", version="1.2")
send_logs()
send_logs()  # a second call does nothing
if then == ["child"]:
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
else:
    work()
if then == ["flush"]:
    print("flush", flush(1.0))
ending = time.monotonic()
