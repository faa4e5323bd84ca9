"""@traced and span(): which spans there are, below what, and with which code."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import inspect
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
from flask import Blueprint, Flask
from opentelemetry import context, trace

from instrumentation.errors import expected
from instrumentation.traced import span, traced
from tests.instrumentation.recorded import Recorded, is_child


def current_id() -> int:
    return trace.get_current_span().get_span_context().span_id


def test_a_function_is_a_span_with_the_place_of_its_def(spans: Recorded) -> None:
    @functools.lru_cache
    @traced
    def price(quantity: int) -> int:
        return quantity * 9

    assert price(3) == 27

    made = spans.one("price")
    name = "test_a_function_is_a_span_with_the_place_of_its_def.<locals>.price"
    line = inspect.getsourcelines(price)[1] + 2
    assert made.attributes == {
        "code.function.name": f"{__name__}.{name}",
        "code.file.path": "tests/instrumentation/test_traced.py",
        "code.line.number": line,
    }


def test_name_attributes_and_kind_can_be_given(spans: Recorded) -> None:
    @traced(name="ask", attributes={"app.x": 1}, kind=trace.SpanKind.CLIENT)
    def anything() -> None: ...

    anything()

    made = spans.one("ask")
    assert (made.kind, made.attributes["app.x"]) == (trace.SpanKind.CLIENT, 1)


def test_methods_of_every_kind_are_traced_under_their_class(spans: Recorded) -> None:
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
    assert spans.tree().split() == ["Order.plain", "Order.static", "Order.of_class"]


def test_a_coroutines_span_is_current_while_it_awaits(spans: Recorded) -> None:
    @traced
    async def inner() -> None:
        await asyncio.sleep(0)

    @traced
    async def outer() -> None:
        await asyncio.gather(inner(), inner())

    asyncio.run(outer())

    assert spans.tree() == "outer\n  inner\n  inner"


def test_a_generators_span_is_current_in_its_body_and_nowhere_else(
    spans: Recorded,
) -> None:
    seen = []

    @traced
    def rows() -> Iterator[int]:
        for n in range(2):
            seen.append(current_id())
            yield n

    with span("consumer"):
        here = current_id()
        for _ in rows():
            assert current_id() == here

    assert seen == [spans.one("rows").context.span_id] * 2
    assert is_child(spans.one("rows"), spans.one("consumer"))


def test_a_generator_keeps_its_protocol(spans: Recorded) -> None:
    @traced
    def echo() -> Iterator[object]:
        got = yield "first"
        try:
            yield got
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
    spans: Recorded,
) -> None:
    @traced
    def batches() -> Iterator[int]:
        with span("batch"):
            yield 1
            with span("row"):
                yield 2

    assert list(batches()) == [1, 2]
    assert spans.tree() == "batches\n  batch\n    row"


def test_a_generator_that_is_closed_early_ends_its_span_without_error(
    spans: Recorded,
) -> None:
    closed = []

    @traced
    def rows() -> Iterator[int]:
        try:
            yield 1
        finally:
            closed.append(current_id())

    generator = rows()
    next(generator)
    generator.close()

    assert closed == [spans.one("rows").context.span_id]
    assert spans.one("rows").status.is_unset


def test_an_async_generator_is_treated_alike(spans: Recorded) -> None:
    @traced
    async def rows() -> AsyncIterator[int]:
        with span("open"):
            yield 1
            yield 2

    async def consume() -> list[int]:
        with span("consumer"):
            here, found = current_id(), []
            async for row in rows():
                assert current_id() == here
                found.append(row)
            return found

    assert asyncio.run(consume()) == [1, 2]
    assert spans.tree() == "consumer\n  rows\n    open"


def test_an_exception_is_recorded_once_on_the_innermost_span(spans: Recorded) -> None:
    @traced
    def inner() -> None:
        raise ValueError("no such plan")

    @traced
    def outer() -> None:
        with span("between"):
            inner()

    with pytest.raises(ValueError, match="no such plan"):
        outer()

    assert {s.name: len(s.events) for s in spans.all} == {
        "inner": 1,
        "between": 0,
        "outer": 0,
    }
    assert {s.status.description for s in spans.all} == {"no such plan"}
    assert {s.attributes["error.type"] for s in spans.all} == {"ValueError"}


def test_an_expected_exception_is_no_error(spans: Recorded) -> None:
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
def test_being_told_to_stop_is_no_error(
    spans: Recorded, stop: type[BaseException]
) -> None:
    @traced
    def work() -> None:
        raise stop

    with pytest.raises(stop):
        work()

    assert spans.one("work").status.is_unset


def test_a_message_that_is_no_text_still_arrives(spans: Recorded) -> None:
    with pytest.raises(ValueError, match="caf"), span("read"):
        raise ValueError("caf\udce9")

    assert spans.one("read").status.description == "caf?"


def test_a_block_carries_the_line_of_its_with(spans: Recorded) -> None:
    def function() -> None:
        with span("block", {"app.x": 1}):
            pass

    function()

    made = spans.one("block").attributes
    assert made["code.line.number"] == function.__code__.co_firstlineno + 1
    assert made["code.function.name"].endswith(".<locals>.function")
    assert made["app.x"] == 1


class Task:
    def apply_async(self) -> None: ...


@pytest.mark.parametrize(
    ("refused", "sentence"),
    [
        (property(lambda _: 1), "Put @traced below @property, directly above the def."),
        (contextlib.contextmanager(lambda: iter([1])), "Put @traced below @context"),
        (Task(), "Put @traced below Celery's @task"),
        (len, "@traced is for functions, and <built-in function len> is a builtin"),
        (dict, "put @traced on the method or function inside"),
    ],
)
def test_the_wrong_order_is_refused_with_the_right_one(
    refused: Callable[..., object], sentence: str
) -> None:
    with pytest.raises(TypeError, match=sentence):
        traced(refused)


@pytest.mark.parametrize("decorator", [Flask("shop").get, Blueprint("b", "b").route])
def test_above_a_route_it_is_refused(
    decorator: Callable[..., Callable[..., object]],
) -> None:
    with pytest.raises(TypeError, match="Put @traced below the decorator of the route"):

        @traced
        @decorator("/orders")
        def show() -> str:
            return ""


def test_below_a_route_it_is_at_its_place(spans: Recorded) -> None:
    @Flask("shop").get("/orders")
    @traced
    def show() -> str:
        return "shown"

    assert show() == "shown"


def test_the_context_is_left_as_it_was_found(spans: Recorded) -> None:
    before = context.get_current()

    @traced
    def rows() -> Iterator[int]:
        with span("open"):
            yield 1
            yield 2

    abandoned = rows()
    next(abandoned)
    assert context.get_current() is before
    abandoned.close()

    assert context.get_current() is before
    assert len(spans.all) == 2
