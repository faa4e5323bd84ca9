"""Where the current span gets lost, or stays where it should not be."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread, Timer

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from instrumentation.context import ContextThreadPoolExecutor, carry
from instrumentation.testing import Spans
from instrumentation.traced import span, traced
from tests.long.pitfalls.conftest import Expect

Work = Callable[[], object]


def pool(kind: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor() if kind == "stock" else ContextThreadPoolExecutor()


def in_submit(work: Work, kind: str) -> None:
    with pool(kind) as running:
        running.submit(work).result()


def in_map(work: Work, kind: str) -> None:
    with pool(kind) as running:
        list(running.map(lambda _: work(), [1]))


def in_thread(work: Work, kind: str) -> None:
    thread = Thread(target=work if kind == "stock" else carry(work))
    thread.start()
    thread.join()


def in_timer(work: Work, kind: str) -> None:
    timer = Timer(0, work if kind == "stock" else carry(work))
    timer.start()
    timer.join()


def in_run_in_executor(work: Work, kind: str) -> None:
    async def main() -> None:
        function = work if kind == "stock" else carry(work)
        await asyncio.get_running_loop().run_in_executor(None, function)

    asyncio.run(main())


@pytest.mark.parametrize(
    "somewhere", [in_submit, in_map, in_thread, in_timer, in_run_in_executor]
)
def test_a_thread_does_not_have_the_span_that_started_it(
    somewhere: Callable[[Work, str], None], kind: str, spans: Spans, expect: Expect
) -> None:
    def work() -> None:
        with span("work"):
            pass

    with span("order"):
        somewhere(work, kind)

    expect(len(spans.find("work", parent="order")), stock=0, kit=1)


@pytest.mark.usefixtures("spans")
def test_a_span_around_a_yield_is_current_for_the_consumer(
    kind: str, provider: TracerProvider, expect: Expect
) -> None:
    def rows() -> Iterator[int]:
        with provider.get_tracer("test").start_as_current_span("rows"):
            yield from range(3)

    before = trace.get_current_span()
    reading = (rows if kind == "stock" else traced(rows))()
    next(reading)
    is_current = trace.get_current_span() is not before
    list(reading)

    expect(is_current, stock=True, kit=False)


def test_a_decorated_generator_is_over_before_its_body_begins(
    kind: str, provider: TracerProvider, spans: Spans, expect: Expect
) -> None:
    decorate = provider.get_tracer("test").start_as_current_span("rows")

    def rows() -> Iterator[int]:
        with span("read"):
            yield 1

    list((decorate if kind == "stock" else traced)(rows)())

    expect(len(spans.find("read", parent="rows")), stock=0, kit=1)


def test_an_exception_is_recorded_on_every_span_that_it_passes(
    kind: str, provider: TracerProvider, spans: Spans, expect: Expect
) -> None:
    start = (
        provider.get_tracer("test").start_as_current_span if kind == "stock" else span
    )
    with pytest.raises(LookupError), start("outer"), start("middle"), start("inner"):
        raise LookupError

    expect([len(span.events) for span in spans.find()], stock=[1, 1, 1], kit=[0, 0, 1])
