"""Random programs that use every kind of `traced.py` and `context.py`.

    run_program(node, spans)    # raises AssertionError if a promise is broken

While a program runs, every step checks that the expected span is current and that the
step leaves the context as it was. Afterwards the spans are compared with the notes.
"""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from opentelemetry import context, trace

from instrumentation.context import carry
from instrumentation.testing import Spans
from instrumentation.traced import span, traced

SYNC = ("function", "block", "generator", "thread")
ASYNC = ("coroutine", "async generator", "task", "gather")
STEPS = ("next", "next", "throw", "close", "drop", "next in a thread")


class BoomError(Exception):
    """The error of a failing node."""


@dataclass
class Node:
    """One call: its kind, its own calls, and its end."""

    kind: str
    children: list[Node] = field(default_factory=list)
    fails: bool = False  # after its children
    caught: bool = True  # an error of it or of one of its children
    held: bool = False  # a generator's yields lie in a `with span(...)`
    steps: list[str] = field(default_factory=list)  # how a generator is used
    cancelled: bool = False  # a task, after its first step


def programs(size: int) -> st.SearchStrategy[Node]:
    """Return a strategy for programs of up to about `size` calls."""

    def node(kinds: tuple[str, ...], below: Any) -> st.SearchStrategy[Node]:
        return st.builds(
            Node,
            kind=st.sampled_from(kinds),
            children=below,
            fails=st.booleans(),
            caught=st.booleans(),
            held=st.booleans(),
            steps=st.lists(st.sampled_from(STEPS), max_size=4),
            cancelled=st.booleans(),
        )

    def deeper(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
        plain = st.lists(inner.filter(is_sync), max_size=3)
        return node(SYNC, plain) | node(ASYNC, st.lists(inner, max_size=3))

    leaves = node(SYNC + ASYNC, st.just([]))
    return st.recursive(leaves, deeper, max_leaves=size)


def is_sync(node: Node) -> bool:
    """Return whether no part of a program needs an event loop."""
    return node.kind in SYNC and all(map(is_sync, node.children))


def run_program(program: Node, spans: Spans) -> None:
    """Run a program to its end and check its spans."""
    run = Run()
    with span("root") as root:
        root_id = root.get_span_context().span_id
        with contextlib.suppress(BoomError):
            asyncio.run(run.visit(program, root_id))
        assert current_id() == root_id
    assert context.get_current() == {}
    run.compare(spans)


def current_id() -> int:
    return trace.get_current_span().get_span_context().span_id


@contextlib.contextmanager
def leaves_the_context_alone() -> Iterator[None]:
    before = context.get_current()
    try:
        yield
    finally:
        assert context.get_current() is before


class Run:
    """Runs the nodes of a program and notes the expected spans."""

    def __init__(self) -> None:
        self.parents: dict[int, int] = {}  # by span id
        self.failed: set[int] = set()  # the spans that an error ended
        self.errors: list[BoomError] = []  # the errors that passed through a span
        self.broken: list[str] = []  # where an assertion would be swallowed

    async def visit(self, node: Node, parent: int) -> None:
        """Run a node of any kind below the span `parent`."""
        if node.kind in SYNC:
            self.sync(node, parent)
            return
        with leaves_the_context_alone():
            assert current_id() == parent
            kind: Callable[[Node, int], Any] = getattr(
                self, node.kind.replace(" ", "_")
            )
            try:
                await kind(node, parent)
            except BoomError:
                if not node.caught:
                    raise

    def sync(self, node: Node, parent: int) -> None:
        """Run a node that needs no event loop."""
        with leaves_the_context_alone():
            assert current_id() == parent
            try:
                getattr(self, node.kind)(node, parent)
            except BoomError:
                if not node.caught:
                    raise

    @contextlib.contextmanager
    def noted(self, parent: int) -> Iterator[int]:
        """Note the span that has just become current, and how it ends."""
        me = current_id()
        assert me != parent
        self.parents[me] = parent
        try:
            yield me
        except BoomError as error:
            self.failed.add(me)
            if all(error is not other for other in self.errors):
                self.errors.append(error)
            raise
        finally:
            if current_id() != me:
                self.broken.append("a body was left with another span than its own")

    def body(self, node: Node, parent: int) -> None:
        with self.noted(parent) as me:
            for child in node.children:
                self.sync(child, me)
            self.end(node)

    async def async_body(self, node: Node, parent: int) -> None:
        with self.noted(parent) as me:
            await asyncio.sleep(0)
            assert current_id() == me
            for child in node.children:
                await self.visit(child, me)
            self.end(node)

    def end(self, node: Node) -> None:
        if node.fails:
            raise BoomError

    def function(self, node: Node, parent: int) -> None:
        @traced(name="function")
        def call() -> None:
            self.body(node, parent)

        call()

    def block(self, node: Node, parent: int) -> None:
        with span("block"):
            self.body(node, parent)

    def thread(self, node: Node, parent: int) -> None:
        failures: list[BoomError] = []

        def work() -> None:
            try:
                self.function(node, parent)
            except BoomError as error:
                failures.append(error)
            if current_id() != parent:
                self.broken.append("a thread was left with another span than its own")

        thread = threading.Thread(target=carry(work))
        thread.start()
        thread.join()
        for failure in failures:
            raise failure

    def generator(self, node: Node, parent: int) -> None:
        @traced(name="generator")
        def rows() -> Iterator[int]:
            with self.noted(parent) as me, self.holding(node, me) as inside:
                for child in node.children:
                    self.sync(child, inside)
                    yield 1
                    assert current_id() == inside
                yield 2
                self.end(node)

        generator: Any = rows()
        for step in node.steps:
            with leaves_the_context_alone(), contextlib.suppress(StopIteration):
                if not self.step(generator, step):
                    return
        for _ in generator:
            assert current_id() == parent

    def step(self, generator: Any, step: str) -> bool:
        """Use a generator once; return whether it can continue."""
        # Its span belongs to the place that asks for the first item.
        has_begun = inspect.getgeneratorstate(generator) != inspect.GEN_CREATED
        if step == "next in a thread" and has_begun:
            with ThreadPoolExecutor(1) as pool:
                pool.submit(next, generator, None).result()
        elif step.startswith("next"):
            next(generator)
        if step == "throw":
            generator.throw(BoomError("thrown"))
        if step == "close":
            generator.close()
        return step != "drop"

    @contextlib.contextmanager
    def holding(self, node: Node, me: int) -> Iterator[int]:
        """Open a span that stays open across the yields, if the node says so."""
        if not node.held:
            yield me
            return
        with span("held"), self.noted(me) as held:
            yield held

    async def coroutine(self, node: Node, parent: int) -> None:
        @traced(name="coroutine")
        async def call() -> None:
            await self.async_body(node, parent)

        await call()

    async def task(self, node: Node, parent: int) -> None:
        task = asyncio.ensure_future(self.coroutine(node, parent))
        if node.cancelled:
            await asyncio.sleep(0)
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    async def gather(self, node: Node, parent: int) -> None:
        running = [self.visit(child, parent) for child in node.children]
        for outcome in await asyncio.gather(*running, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def async_generator(self, node: Node, parent: int) -> None:
        @traced(name="async generator")
        async def rows() -> AsyncIterator[int]:
            with self.noted(parent) as me, self.holding(node, me) as inside:
                for child in node.children:
                    await self.visit(child, inside)
                    yield 1
                    assert current_id() == inside
                yield 2
                self.end(node)

        generator: Any = rows()
        for step in node.steps:
            with leaves_the_context_alone(), contextlib.suppress(StopAsyncIteration):
                if not await self.async_step(generator, step):
                    return
        async for _ in generator:
            assert current_id() == parent

    async def async_step(self, generator: Any, step: str) -> bool:
        if step.startswith("next"):
            await anext(generator)
        if step == "throw":
            await generator.athrow(BoomError("thrown"))
        if step == "close":
            await generator.aclose()
        return step != "drop"

    def compare(self, spans: Spans) -> None:
        """Check that exactly the noted spans have ended."""
        below = [span for span in spans.find() if span.name != "root"]
        parents = {s.context.span_id: s.parent.span_id for s in below if s.parent}
        failed = {s.context.span_id for s in below if not s.status.is_unset}
        assert len(below) == len(parents), "a span ended twice, or has no parent"
        assert parents == self.parents, str(spans)
        assert failed == self.failed, str(spans)
        assert sum(len(span.events) for span in below) == len(self.errors), str(spans)
        assert self.broken == []
        assert all((span.end_time or 0) >= (span.start_time or 0) for span in below)
