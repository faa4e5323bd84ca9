"""Makes traces that are not sampled, every third with an error, also in forks."""

import multiprocessing

from opentelemetry import trace

from instrumentation.rescue import Rescue
from instrumentation.sampling import RuleSampler
from instrumentation.tracing_setup import flush, start_tracing

sampler = RuleSampler(0, record_unsampled=True)
start_tracing("shop", sampler=sampler, wrap_batches=Rescue)
tracer = trace.get_tracer("shop")


def order(number: int) -> None:
    """Fail if the number can be divided by three."""
    with tracer.start_as_current_span(f"order {number}"):
        with tracer.start_as_current_span(f"price {number}"):
            pass
        with tracer.start_as_current_span(f"pay {number}") as pay:
            if number % 3 == 0:
                pay.set_status(trace.StatusCode.ERROR)


if __name__ == "__main__":
    order(3)
    order(4)
    fork = multiprocessing.get_context("fork")
    with tracer.start_as_current_span("nightly") as nightly:
        tracer.start_span("first").end()
        children = [fork.Process(target=order, args=(number,)) for number in (5, 6)]
        for child in children:
            child.start()
        for child in children:
            child.join()
        nightly.set_status(trace.StatusCode.ERROR)
    print("flushed", flush())
