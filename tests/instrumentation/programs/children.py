"""Starts children of `multiprocessing`, each with a span of its own."""

import multiprocessing
import sys

from instrumentation.traced import traced
from instrumentation.tracing_setup import start_tracing

start_tracing("parent")


@traced
def work(number: int) -> None:
    """Be a span."""


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[1])
    children = [multiprocessing.Process(target=work, args=(n,)) for n in range(3)]
    work(-1)
    for child in children:
        child.start()
    for child in children:
        child.join()
