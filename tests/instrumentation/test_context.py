"""Context across threads and home-made queues."""

from __future__ import annotations

import asyncio
import threading

from opentelemetry import context

from instrumentation.context import (
    ContextThreadPoolExecutor,
    carry,
    from_headers,
    inject_headers,
)
from instrumentation.traced import span, traced
from tests.instrumentation.recorded import Recorded


@traced
def work(number: int = 0) -> int:
    return number * 2


def test_a_pools_tasks_are_below_the_span_that_submitted_them(spans: Recorded) -> None:
    with ContextThreadPoolExecutor(2) as pool, span("order"):
        assert list(pool.map(work, [1, 2])) == [2, 4]
        assert pool.submit(work, number=3).result() == 6

    assert spans.tree() == "order\n  work\n  work\n  work"


def test_a_pools_thread_keeps_nothing_of_a_task(spans: Recorded) -> None:
    with ContextThreadPoolExecutor(1) as pool:
        with span("order"):
            pool.submit(work).result()
        carried = super(ContextThreadPoolExecutor, pool).submit(context.get_current)

        assert carried.result() == {}


def test_threads_and_event_loops_take_a_carried_function(spans: Recorded) -> None:
    async def in_executor() -> None:
        await asyncio.get_running_loop().run_in_executor(None, carry(work))

    with span("order"):
        thread = threading.Thread(target=carry(work))
        thread.start()
        thread.join()
        asyncio.run(in_executor())

    assert spans.tree() == "order\n  work\n  work"


def test_a_trace_goes_on_behind_a_home_made_queue(spans: Recorded) -> None:
    with span("producer"):
        message = {"payload": "x", "headers": inject_headers()}

    before = context.get_current()
    with from_headers(message["headers"]), span("consumer"):
        pass

    assert spans.tree() == "producer\n  consumer"
    assert context.get_current() is before


def test_without_headers_the_block_is_a_trace_of_its_own(spans: Recorded) -> None:
    with span("outer"), from_headers({}), span("inner"):
        pass

    assert spans.one("inner").parent is None
