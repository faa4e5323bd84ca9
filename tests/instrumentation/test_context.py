"""The context across threads, processes and home-made queues."""

from __future__ import annotations

import asyncio
import threading

import pytest
from opentelemetry import context

from instrumentation.context import (
    ContextThreadPoolExecutor,
    carry,
    from_headers,
    inject_headers,
)
from instrumentation.testing import Spans
from instrumentation.traced import span, traced
from tests.instrumentation.processes import run
from tests.instrumentation.receiver import Receiver


@traced
def work(number: int = 0) -> int:
    return number * 2


def test_a_pools_tasks_are_below_the_span_that_submitted_them(spans: Spans) -> None:
    with ContextThreadPoolExecutor(2) as pool, span("order"):
        assert list(pool.map(work, [1, 2])) == [2, 4]
        assert pool.submit(work, number=3).result() == 6

    spans.assert_tree("order\n  work\n  work\n  work")


def test_the_thread_of_a_pool_keeps_no_context_of_a_task(spans: Spans) -> None:
    with ContextThreadPoolExecutor(1) as pool:
        with span("order"):
            pool.submit(work).result()
        later = super(ContextThreadPoolExecutor, pool).submit(context.get_current)

        assert later.result() == {}


def test_threads_and_event_loops_take_a_carried_function(spans: Spans) -> None:
    async def in_executor() -> None:
        await asyncio.get_running_loop().run_in_executor(None, carry(work))

    with span("order"):
        thread = threading.Thread(target=carry(work))
        thread.start()
        thread.join()
        asyncio.run(in_executor())

    spans.assert_tree("order\n  work\n  work")


def test_a_timer_takes_a_carried_function(spans: Spans) -> None:
    with span("order"):
        timer = threading.Timer(0.001, carry(work))
        timer.start()
    timer.join()

    spans.assert_tree("order\n  work")


def test_event_loops_use_a_pool_as_it_is(spans: Spans) -> None:
    async def in_pool() -> None:
        with ContextThreadPoolExecutor(1) as pool:
            await asyncio.get_running_loop().run_in_executor(pool, work)

    with span("order"):
        asyncio.run(in_pool())

    spans.assert_tree("order\n  work")


@pytest.mark.parametrize("start_method", ["fork", "spawn", "forkserver"])
def test_a_pool_of_processes_continues_the_trace_with_its_fields(
    receiver: Receiver, start_method: str
) -> None:
    output = run("pool", start_method, endpoint=receiver.endpoint)

    [order] = [span for span in receiver.spans if span.name == "order"]
    works = [span for span in receiver.spans if span.name == "work"]
    fields = [{a.key: a.value.string_value for a in span.attributes} for span in works]
    assert "[0, 2, 4]" in output
    assert [span.parent_span_id for span in works] == [order.span_id] * 3
    assert [names["shop.customer.id"] for names in fields] == ["c-17"] * 3


def test_a_trace_continues_behind_a_home_made_queue(spans: Spans) -> None:
    with span("producer"):
        headers = inject_headers()

    before = context.get_current()
    with from_headers(headers), span("consumer"):
        pass

    spans.assert_tree("producer\n  consumer")
    assert context.get_current() is before


def test_without_headers_the_block_is_a_trace_of_its_own(spans: Spans) -> None:
    with span("outer"), from_headers({}), span("inner"):
        pass

    assert spans.one("inner").parent is None
