"""@traced and span(): the spans, their parents, and their places in the code."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import inspect
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
    Callable,
    Generator,
    Iterator,
)
from concurrent.futures import ThreadPoolExecutor

import pytest
from celery import Celery, shared_task, signals
from flask import Blueprint, Flask
from opentelemetry import context, trace

from instrumentation.errors import expected
from instrumentation.testing import Spans
from instrumentation.traced import span, traced
from tests.instrumentation.attributes import attributes


def current_id() -> int:
    return trace.get_current_span().get_span_context().span_id


def test_a_function_is_a_span_with_the_place_of_its_def(spans: Spans) -> None:
    @functools.lru_cache
    @traced
    def price(quantity: int) -> int:
        return quantity * 9

    assert price(3) == 27

    name = "test_a_function_is_a_span_with_the_place_of_its_def.<locals>.price"
    line = inspect.getsourcelines(price)[1] + 2
    assert attributes(spans.one("price")) == {
        "code.function.name": f"{__name__}.{name}",
        "code.file.path": "tests/instrumentation/test_traced.py",
        "code.line.number": line,
    }


def test_name_attributes_and_kind_can_be_given(spans: Spans) -> None:
    @traced(name="ask", attributes={"shop.x": 1}, kind=trace.SpanKind.CLIENT)
    def anything() -> None: ...

    anything()

    ask = spans.one("ask")
    assert (ask.kind, attributes(ask)["shop.x"]) == (trace.SpanKind.CLIENT, 1)


def test_methods_of_every_kind_are_traced_under_their_class(spans: Spans) -> None:
    class Order:
        @traced
        def plain(self) -> str:
            return "plain"

        @traced
        @staticmethod
        def static() -> str:
            return "static"

        @traced
        @classmethod
        def of_class(cls) -> str:
            return cls.__name__

    assert (Order().plain(), Order.static(), Order.of_class()) == (
        "plain",
        "static",
        "Order",
    )
    spans.assert_tree("Order.plain\nOrder.static\nOrder.of_class")


def test_a_coroutines_span_is_current_while_it_awaits(spans: Spans) -> None:
    @traced
    async def inner() -> None:
        await asyncio.sleep(0)

    @traced
    async def outer() -> None:
        await asyncio.gather(inner(), inner())

    asyncio.run(outer())

    spans.assert_tree("outer\n  inner\n  inner")


def test_a_generators_span_is_current_in_its_body_and_nowhere_else(
    spans: Spans,
) -> None:
    ids = []

    @traced
    def rows() -> Iterator[int]:
        for n in range(2):
            ids.append(current_id())
            yield n

    with span("consumer"):
        here = current_id()
        for _ in rows():
            assert current_id() == here

    assert ids == [spans.one("rows").context.span_id] * 2
    spans.one("rows", parent="consumer")


def test_a_generator_keeps_its_protocol(spans: Spans) -> None:
    @traced
    def echo() -> Generator[object, object, str]:
        value = yield "first"
        try:
            yield value
        except KeyError:
            yield "thrown"
        return "result"

    generator = echo()

    assert inspect.isgeneratorfunction(echo)
    assert (next(generator), generator.send("sent")) == ("first", "sent")
    assert generator.throw(KeyError()) == "thrown"
    with pytest.raises(StopIteration, match="result"):
        next(generator)
    assert spans.one("echo").status.is_unset


def test_a_span_left_open_around_a_yield_is_there_again_in_the_next_step(
    spans: Spans,
) -> None:
    @traced
    def batches() -> Iterator[int]:
        with span("batch"):
            yield 1
            with span("row"):
                yield 2

    assert list(batches()) == [1, 2]
    spans.assert_tree("batches\n  batch\n    row")


def test_a_generator_that_is_closed_early_ends_its_span_without_error(
    spans: Spans,
) -> None:
    closed = []

    @traced
    def rows() -> Generator[int]:
        try:
            yield 1
        finally:
            closed.append(current_id())

    generator = rows()
    next(generator)
    generator.close()

    assert closed == [spans.one("rows").context.span_id]
    assert spans.one("rows").status.is_unset


def test_an_async_generator_is_treated_alike(spans: Spans) -> None:
    @traced
    async def rows() -> AsyncIterator[int]:
        with span("open"):
            yield 1
            yield 2

    async def consume() -> list[int]:
        with span("consumer"):
            here, numbers = current_id(), []
            async for row in rows():
                assert current_id() == here
                numbers.append(row)
            return numbers

    assert asyncio.run(consume()) == [1, 2]
    spans.assert_tree("consumer\n  rows\n    open")


def test_an_exception_is_recorded_once_on_the_innermost_span(spans: Spans) -> None:
    @traced
    def inner() -> None:
        raise ValueError("no such plan")

    @traced
    def outer() -> None:
        with span("between"):
            inner()

    with pytest.raises(ValueError, match="no such plan"):
        outer()

    assert {s.name: len(s.events) for s in spans.find()} == {
        "inner": 1,
        "between": 0,
        "outer": 0,
    }
    assert {s.status.description for s in spans.find()} == {"no such plan"}
    assert {attributes(s)["error.type"] for s in spans.find()} == {"ValueError"}


def test_an_expected_exception_is_no_error(spans: Spans) -> None:
    class DeclinedError(Exception): ...

    class NoMoneyError(DeclinedError): ...

    expected(DeclinedError)

    @traced
    def charge() -> None:
        raise NoMoneyError

    with pytest.raises(NoMoneyError):
        charge()

    assert spans.one("charge").status.is_unset
    assert spans.one("charge").events == ()


@pytest.mark.parametrize("stop", [SystemExit, asyncio.CancelledError])
def test_an_exception_that_stops_the_program_is_no_error(
    spans: Spans, stop: type[BaseException]
) -> None:
    @traced
    def work() -> None:
        raise stop

    with pytest.raises(stop):
        work()

    assert spans.one("work").status.is_unset


def test_a_message_that_utf_8_cannot_hold_still_arrives(spans: Spans) -> None:
    with pytest.raises(ValueError, match="caf"), span("read"):
        raise ValueError("caf\udce9")

    assert spans.one("read").status.description == "caf?"


def test_a_block_carries_the_line_of_its_with(spans: Spans) -> None:
    def function() -> None:
        with span("block", {"shop.x": 1}):
            pass

    function()

    block = attributes(spans.one("block"))
    assert block["code.line.number"] == function.__code__.co_firstlineno + 1
    assert block["code.function.name"].endswith(".<locals>.function")
    assert block["shop.x"] == 1


def scope() -> Iterator[int]:
    yield 1


async def async_scope() -> AsyncIterator[int]:
    yield 1


class Task:
    def apply_async(self) -> None: ...


@pytest.mark.parametrize(
    ("target", "sentence"),
    [
        (property(lambda _: 1), "Put @traced below @property, directly above the def."),
        (contextlib.contextmanager(scope), "Put @traced below @contextmanager, or"),
        (contextlib.asynccontextmanager(async_scope), "Put @traced below @context"),
        (Task(), "Put @traced below Celery's @task"),
        (len, "@traced is for functions, and <built-in function len> is a builtin"),
    ],
)
def test_the_wrong_order_is_refused_with_the_right_one(
    target: Callable[..., object], sentence: str
) -> None:
    with pytest.raises(TypeError, match=sentence):
        traced(target)


app = Flask("shop")
celery = Celery("shop")
ROUTE = "/orders"


def route() -> None:
    @traced
    @app.get("/orders")
    def show() -> str:
        return ""


def route_by_constant() -> None:
    @traced(name="shown")
    @Blueprint("shop", __name__).route(ROUTE)
    def show() -> str:
        return ""


def route_over_a_wrapper() -> None:
    @traced
    @app.get("/customers")
    @retried_view
    def show_customer() -> str:
        return ""


def error_handler() -> None:
    @traced
    @app.errorhandler(404)
    def missing(_: object) -> str:
        return ""


def before_request() -> None:
    @traced
    @app.before_request
    def check() -> None: ...


def celery_signal() -> None:
    @traced
    @signals.task_prerun.connect
    def prepare(**_: object) -> None: ...


def celery_task() -> None:
    @traced
    @celery.task
    def receipt() -> None: ...


def shared_celery_task() -> None:
    @traced
    @shared_task
    def statement() -> None: ...


@pytest.mark.parametrize(
    ("define", "other"),
    [
        (route, "@app.get"),
        (route_by_constant, "@Blueprint"),
        (route_over_a_wrapper, "@app.get"),
        (error_handler, "@app.errorhandler"),
        (before_request, "@app.before_request"),
        (celery_signal, "@signals.task_prerun.connect"),
        (celery_task, "Celery's @task"),
        (shared_celery_task, "Celery's @task"),
    ],
)
def test_above_what_registers_a_function_it_is_refused(
    define: Callable[[], None], other: str
) -> None:
    with pytest.raises(TypeError, match=f"Put @traced below {other}, directly above"):
        define()


def retried_view(view: Callable[..., str]) -> Callable[..., str]:
    return functools.wraps(view)(lambda: view() and view())


def retried(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def call(*args: object) -> object:
        function(*args)
        return function(*args)

    return call


@contextlib.contextmanager
def transaction() -> Iterator[None]:
    yield


def test_above_what_wraps_a_function_it_measures_the_whole(spans: Spans) -> None:
    @traced
    @retried
    @transaction()
    @traced(name="attempt")
    def order() -> None: ...

    order()

    spans.assert_tree("order\n  attempt\n  attempt")


def test_a_class_has_its_public_methods_traced_and_none_twice(spans: Spans) -> None:
    class Base:
        def inherited(self) -> None: ...

    @traced(attributes={"shop.x": 1})
    @dataclasses.dataclass
    class Order(Base):
        plan: str = "pro"

        def price(self) -> int:
            return self._discount()

        def _discount(self) -> int:
            return 9

        @property
        def total(self) -> int:
            return 9

        @staticmethod
        def parse() -> None: ...

        @classmethod
        def empty(cls) -> Order:
            return cls()

        @retried
        @traced(name="own")
        def charge(self) -> None: ...

    order = Order.empty()
    Order.parse()
    order.inherited()
    order.charge()

    assert (order.price(), order.total) == (9, 9)
    spans.assert_tree("Order.empty\nOrder.parse\nown\nown\nOrder.price")
    assert attributes(spans.one("Order.price"))["shop.x"] == 1


@pytest.mark.parametrize("owner", [dict, type("Empty", (), {"_private": retried})])
def test_a_class_without_methods_of_its_own_is_refused(owner: type) -> None:
    with pytest.raises(TypeError, match="put @traced on the method or function inside"):
        traced(owner)


def test_a_class_cannot_give_one_name_to_all_its_methods() -> None:
    with pytest.raises(TypeError, match="is a type: put @traced on the method"):

        @traced(name="order")
        class Order:
            def price(self) -> None: ...


def test_below_a_route_it_is_at_its_place(spans: Spans) -> None:
    @Flask("shop").get("/orders")
    @traced
    def show() -> str:
        return "shown"

    assert show() == "shown"


def test_the_context_is_the_same_afterwards(spans: Spans) -> None:
    before = context.get_current()

    @traced
    def rows() -> Generator[int]:
        with span("open"):
            yield 1
            yield 2

    abandoned = rows()
    next(abandoned)
    assert context.get_current() is before
    abandoned.close()

    assert context.get_current() is before
    assert len(spans.find()) == 2


def test_a_generators_steps_may_run_in_other_threads(
    spans: Spans, caplog: pytest.LogCaptureFixture
) -> None:
    """As the parts of a body do in some servers."""

    @traced
    def rows() -> Iterator[int]:
        with span("batch"):
            yield 1
            yield 2
        with span("total"):
            yield 3

    generator = rows()
    for _ in range(3):
        with ThreadPoolExecutor(1) as thread:
            thread.submit(next, generator).result()
    assert list(generator) == []

    spans.assert_tree("rows\n  batch\n  total")
    assert caplog.records == []


def test_an_async_generator_keeps_its_protocol(spans: Spans) -> None:
    closed = []

    @traced
    async def echo() -> AsyncGenerator[object, object]:
        try:
            value = yield "first"
            try:
                yield value
            except KeyError:
                yield "thrown"
        finally:
            await asyncio.sleep(0)
            closed.append(current_id())

    async def use() -> list[object]:
        generator = echo()
        values = [await anext(generator), await generator.asend("sent")]
        values.append(await generator.athrow(KeyError()))
        await generator.aclose()
        return values

    assert asyncio.run(use()) == ["first", "sent", "thrown"]
    assert closed == [spans.one("echo").context.span_id]
    assert spans.one("echo").status.is_unset


def test_a_generator_that_ignores_its_closing_raises_as_ever(spans: Spans) -> None:
    @traced
    def stubborn() -> Generator[int]:
        try:
            yield 1
        except GeneratorExit:
            yield 2

    generator = stubborn()
    next(generator)

    with pytest.raises(RuntimeError, match="generator ignored GeneratorExit"):
        generator.close()


def test_a_runaway_recursion_leaves_the_context_as_it_was(spans: Spans) -> None:
    @traced
    def descend() -> None:
        descend()

    before = context.get_current()
    with pytest.raises(RecursionError), span("outer"):
        descend()

    assert context.get_current() is before
    assert attributes(spans.one("outer"))["error.type"] == "RecursionError"


async def batches() -> AsyncGenerator[int]:
    with span("batch"):
        yield 1
        yield 2


@pytest.mark.parametrize("is_task_older", [False, True])
def test_after_a_generator_is_closed_from_another_task_its_span_is_not_current(
    spans: Spans, caplog: pytest.LogCaptureFixture, *, is_task_older: bool
) -> None:
    async def close(ready: asyncio.Event, generator: AsyncGenerator[int]) -> None:
        await ready.wait()
        await generator.aclose()

    async def handle(outer: contextlib.AbstractContextManager[object]) -> None:
        with outer:
            before, ready, generator = current_id(), asyncio.Event(), batches()
            if is_task_older:
                closing = asyncio.create_task(close(ready, generator))
                await asyncio.sleep(0)
                await anext(generator)
            else:
                await anext(generator)
                closing = asyncio.create_task(close(ready, generator))
            ready.set()
            await closing
            assert current_id() == before
            with span("afterwards"):
                pass

    for outer in (span("request"), contextlib.nullcontext()):
        asyncio.run(handle(outer))

    spans.assert_tree("""
        request
          batch
          afterwards
        batch
        afterwards
    """)
    assert caplog.records == []


def test_work_that_outlives_its_block_stays_below_it(spans: Spans) -> None:
    async def deliver() -> None:
        await asyncio.sleep(0)
        with span("deliver"):
            pass

    async def handle() -> None:
        with span("request"):
            task = asyncio.create_task(deliver())
        await task

    asyncio.run(handle())

    spans.assert_tree("request\n  deliver")
