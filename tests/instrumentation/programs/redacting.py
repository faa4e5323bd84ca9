"""Makes spans with a secret, here and in forked children, and flushes."""

import multiprocessing

from opentelemetry import trace

from instrumentation.redact import Redaction
from instrumentation.tracing_setup import flush, start_tracing

start_tracing("shop", wrap_exporter=Redaction().spans)
SECRET = "-".join(["4242"] * 4)


def pay(number: int) -> None:
    """Say whose card it was."""
    trace.get_tracer("shop").start_span(f"pay {number} with {SECRET}").end()


if __name__ == "__main__":
    pay(0)
    print("flushed", flush())
    fork = multiprocessing.get_context("fork")
    children = [fork.Process(target=pay, args=(number,)) for number in range(1, 5)]
    for child in children:
        child.start()
    for child in children:
        child.join()
    pay(5)
    print("flushed", flush())
