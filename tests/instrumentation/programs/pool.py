"""Sends work to a pool of processes, started by the method that is the argument."""

import multiprocessing
import sys

from instrumentation.business import BusinessFields, set_fields
from instrumentation.context import ContextProcessPoolExecutor
from instrumentation.traced import span, traced
from instrumentation.tracing_setup import start_tracing


def start() -> None:
    start_tracing("pool", processors=[BusinessFields(allowed=["shop.customer.id"])])


@traced
def work(number: int, *, factor: int) -> int:
    return number * factor


if __name__ == "__main__":
    start()
    method = multiprocessing.get_context(sys.argv[1])
    with (
        ContextProcessPoolExecutor(2, mp_context=method, initializer=start) as pool,
        span("order"),
    ):
        set_fields({"shop.customer.id": "c-17"})
        futures = [pool.submit(work, number, factor=2) for number in range(3)]
        print([future.result() for future in futures])
        print(list(pool.map(abs, [-1, -2])))
