# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Spans in your tests: a pytest fixture `spans`, with the real SDK and in memory.

Use: copy this file beside your top `conftest.py`, and write in there
`pytest_plugins = ["testing"]`. A test that asks for `spans` records what it starts,
whoever made the tracer and in whatever thread; one that fails prints its trace.
It does not matter whether and when your application sets tracing up, and afterwards
all is as it was. No span of a test run leaves it: OTEL_TRACES_EXPORTER is "none"
unless you set it.
Needs: pip install opentelemetry-sdk~=1.45 "pytest>=8"
From the tracing starter kit 0.1.0.

Example:
    # conftest.py
    pytest_plugins = ["testing"]

    # test_orders.py
    from opentelemetry import trace

    tracer = trace.get_tracer(__name__)

    def test_an_order_is_charged(spans):
        with tracer.start_as_current_span("order"):
            tracer.start_span("charge", attributes={"shop.plan": "team"}).end()

        assert spans.one("charge", parent="order").attributes["shop.plan"] == "team"
        spans.assert_tree('''
            order
              charge
                  shop.plan = t*
        ''')
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_ON

__tracing_helper__ = True  # CodeLocation looks past frames of this file

Fields: TypeAlias = Mapping[str, object] | None


class Spans:
    """The spans that a test has started, as the tree that they are.

    `str(spans)` is that tree as text, in the form that `assert_tree` reads.

    >>> tracer = trace.get_tracer("shop")
    >>> with recording() as spans, tracer.start_as_current_span("order"):
    ...     tracer.start_span("charge", attributes={"shop.plan": "team"}).end()
    >>> print(spans)  # doctest: +ELLIPSIS
    order  # ... ms
      charge  # ... ms
          shop.plan = team
    """

    def __init__(self) -> None:
        self._started: list[Span] = []

    def find(
        self, name: str = "*", *, parent: str | None = None, attributes: Fields = None
    ) -> list[ReadableSpan]:
        """Return the spans that have ended and are like this, in order of their start.

        Args:
            name: The span's name, or a pattern with `*`.
            parent: The name of the span right above it.
            attributes: These, and perhaps others; of a list, a tuple.

        >>> tracer = trace.get_tracer("shop")
        >>> with recording() as spans, tracer.start_as_current_span("order"):
        ...     tracer.start_span("charge", attributes={"shop.plan": "team"}).end()
        >>> [span.name for span in spans.find(parent="order")]
        ['charge']
        >>> spans.find("charge", attributes={"shop.plan": "free"})
        []
        """
        names = {_id(span.context): span.name for span in self._started}
        return [
            span
            for span in self._started
            if span.end_time is not None
            and _is(span.name, name)
            and (parent is None or _is(names.get(_id(span.parent), ""), parent))
            and (attributes or {}).items() <= (span.attributes or {}).items()
        ]

    def one(
        self, name: str = "*", *, parent: str | None = None, attributes: Fields = None
    ) -> ReadableSpan:
        """Return the only span with this name, parent and attributes, as in `find`.

        Raises:
            AssertionError: if there is none, or more than one.

        >>> tracer = trace.get_tracer("shop")
        >>> with recording() as spans, tracer.start_as_current_span("order") as span:
        ...     span.set_attribute("shop.order.quantity", 3)
        >>> spans.one("order").attributes["shop.order.quantity"]
        3
        """
        __tracebackhide__ = True
        found = self.find(name, parent=parent, attributes=attributes)
        below = f" below {parent!r}" if parent else ""
        having = f" with {dict(attributes)}" if attributes else ""
        assert len(found) == 1, f"{len(found)} spans, not one: {name!r}{below}{having}"
        return found[0]

    def wait_for(self, name: str, timeout: float = 5.0) -> ReadableSpan:
        """Return the first span of this name once it has ended, in whatever thread.

        Args:
            name: The span's name, or a pattern with `*`.
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: if none has ended by then.

        >>> import threading
        >>> with recording() as spans:
        ...     late = trace.get_tracer("shop").start_span("late")
        ...     threading.Timer(0.05, late.end).start()
        ...     spans.wait_for("late").name
        'late'
        """
        __tracebackhide__ = True
        deadline = time.monotonic() + timeout
        while not (found := self.find(name)):
            assert time.monotonic() < deadline, f"No {name!r} has ended in {timeout} s."
            time.sleep(0.01)
        return found[0]

    def assert_tree(self, expected: str) -> None:
        """Compare all that was recorded with a tree in text.

        A line is a span's name, after its kind if that matters (SERVER, CLIENT,
        PRODUCER, CONSUMER, INTERNAL). Below it, further in, stand its attributes as
        `name = value`, and its children, in any order. `*` stands for any text. What a
        span has besides is not compared; but every span has to be there, and the
        `status = ERROR` of one that failed. What follows two spaces and # is a comment:
        the tree that a failing test prints can be pasted as it is.

        Args:
            expected: The tree, indented as you like; "" for no span at all.

        Raises:
            AssertionError: if they differ, with both trees side by side.
            ValueError: for an attribute that no span stands above.

        >>> tracer = trace.get_tracer("shop")
        >>> with recording() as spans, tracer.start_as_current_span("order"):
        ...     tracer.start_span("charge", attributes={"shop.plan": "team"}).end()
        >>> spans.assert_tree('''
        ...     order
        ...       charge
        ...         shop.plan = t*
        ... ''')
        """
        __tracebackhide__ = True
        wanted, found = _read(expected), self._tree()
        if not _fit(wanted, found):
            raise AssertionError(_side_by_side(wanted, found))

    def clear(self) -> None:
        """Forget what was recorded so far, such as the spans of a test's preparation.

        >>> with recording() as spans:
        ...     trace.get_tracer("shop").start_span("preparation").end()
        ...     spans.clear()
        >>> spans.assert_tree("")
        """
        self._started = []

    def __str__(self) -> str:
        lines = [line for item in self._tree() for line in _lines(item)]
        return "\n".join(lines) or "(no spans)"

    def _tree(self) -> list[_Item]:
        """Return the roots: what has no parent, or one that was started elsewhere."""
        started = list(self._started)  # a thread may be starting more
        items = {_id(span.context): _recorded(span) for span in started}
        top = _Item("", "")
        for span in started:
            parent = items.get(_id(span.parent), top)
            parent.children.append(items[_id(span.context)])
        return top.children


@pytest.fixture
def spans() -> Iterator[Spans]:
    """Record the spans of a test.

    >>> def test_an_order_is_charged_once(spans):
    ...     place_order()
    ...     spans.one("charge card", parent="place_order")
    """
    with recording() as recorded:
        yield recorded


@contextmanager
def recording() -> Iterator[Spans]:
    """Record the spans that the block starts: what the fixture does, without pytest.

    >>> with recording() as spans:
    ...     trace.get_tracer("shop").start_span("order").end()
    >>> spans.one().name
    'order'
    """
    recorded, start = Spans(), Span.start

    def watched_start(span: Span, *args: Any, **more: Any) -> None:
        recorded._started.append(span)
        start(span, *args, **more)

    # An empty context: no span that an earlier test left open is this one's parent.
    token = context.attach(context.Context())
    try:
        with _global_provider(), pytest.MonkeyPatch.context() as patch:
            # Not a span processor: it would have to be put on each provider, also on
            # one that is set up half-way, and could not be taken off again.
            patch.setattr(Span, "start", watched_start)
            yield recorded
    finally:
        context.detach(token)


def pytest_configure(config: pytest.Config) -> None:
    """Let no span leave the test run, and keep the SDK switched on in it."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.setenv("OTEL_TRACES_EXPORTER", os.getenv("OTEL_TRACES_EXPORTER", "none"))
    patch.delenv("OTEL_SDK_DISABLED", raising=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Print the trace of a test that fails."""
    report = yield
    recorded = getattr(item, "funcargs", {}).get("spans")
    if report.failed and isinstance(recorded, Spans):
        report.sections.append(("Trace", str(recorded)))
    return report


# The provider.


@contextmanager
def _global_provider() -> Iterator[None]:
    """Have a global provider: the application's, or a stand-in until it sets one."""
    if not isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        yield
        return
    # set_tracer_provider() works once per process, and that once is the application's.
    before, stand_in = trace._TRACER_PROVIDER, _StandIn()
    trace._TRACER_PROVIDER = stand_in
    try:
        yield
    finally:
        if trace._TRACER_PROVIDER is stand_in:
            trace._TRACER_PROVIDER = before


class _StandIn(trace.ProxyTracerProvider):
    """An SDK provider that looks like none yet, so that another may follow it."""

    def __init__(self) -> None:
        self.sdk = TracerProvider(ALWAYS_ON, shutdown_on_exit=False)

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _Tracer(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sdk, name)  # add_span_processor, force_flush …


class _Tracer(trace.ProxyTracer):
    """The API's stand-in, but without its memory.

    A module keeps its tracer for good. What it makes in the next test is for that
    test's provider.
    """

    def __init__(self, *scope: Any, **more: Any) -> None:
        super().__init__(*scope, **more)
        self._scope, self._more = scope, more

    @property
    def _tracer(self) -> trace.Tracer:
        provider = trace.get_tracer_provider()
        real = provider.sdk if isinstance(provider, _StandIn) else provider
        return real.get_tracer(*self._scope, **self._more)


# The tree, as recorded and as written in a test.


@dataclass(eq=False)
class _Item:
    """A span of either tree; what is written may have patterns, and says less."""

    kind: str
    name: str
    facts: dict[str, object] = field(default_factory=dict)
    remark: str = ""
    children: list[_Item] = field(default_factory=list)

    def differing(self, recorded: _Item) -> set[str]:
        """Return the names of the facts that a recorded span should have otherwise."""
        names = self.facts.keys() | (recorded.facts.keys() & {"status", "ended"})
        return {
            name
            for name in names
            if name not in recorded.facts
            or not _is(recorded.facts[name], str(self.facts.get(name)))
        }


def _recorded(span: ReadableSpan) -> _Item:
    facts: dict[str, object] = dict(span.attributes or {})
    remarks = []
    if span.end_time and span.start_time:
        remarks.append(f"{(span.end_time - span.start_time) / 1e6:.1f} ms")
    else:
        facts["ended"] = "not yet"
    if "code.file.path" in facts:
        remarks.append(f"{facts['code.file.path']}:{facts.get('code.line.number')}")
    if span.status.status_code is trace.StatusCode.ERROR:
        facts["status"] = "ERROR"
    if span.events:
        facts["events"] = " ".join(event.name for event in span.events)
    return _Item(span.kind.name, span.name, facts, ", ".join(remarks))


_COMMENT = re.compile(r"(^|  )\s*#.*")
_FACT = re.compile(r"(?P<name>[\w.-]+) = (?P<value>.+)")


def _read(text: str) -> list[_Item]:
    """Return the roots of a tree in text."""
    top = last = _Item("", "")
    above = [(-1, top)]  # the spans around a line, and how far each is indented
    for line in text.splitlines():
        content = _COMMENT.sub("", line).strip()
        if fact := _FACT.fullmatch(content):
            if last is top:
                raise ValueError(f"assert_tree: {content!r} stands below no span.")
            last.facts[fact["name"]] = fact["value"]
        elif content:
            indent = len(line) - len(line.lstrip())
            while above[-1][0] >= indent:
                above.pop()
            last = _Item(*_kind_and_name(content))
            above[-1][1].children.append(last)
            above.append((indent, last))
    return top.children


def _kind_and_name(text: str) -> tuple[str, str]:
    kind, _, name = text.partition(" ")
    return (kind, name) if kind in trace.SpanKind.__members__ else ("", text)


# How the two are compared.


def _pairs(wanted: list[_Item], found: list[_Item]) -> dict[_Item, _Item]:
    """Give each wanted span a recorded one that fits with all below it, if it can be.

    A span that others want first is given on if they can take another one (Kuhn's
    way to match): so the order of siblings does not matter.
    """
    fits = {one: [item for item in found if _fits(one, item)] for one in wanted}
    taken: dict[_Item, _Item] = {}

    def take(one: _Item, tried: set[_Item]) -> bool:
        for item in sorted(fits[one], key=taken.__contains__):  # free ones first
            if item not in tried:
                tried.add(item)
                if item not in taken or take(taken[item], tried):
                    taken[item] = one
                    return True
        return False

    for one in wanted:
        take(one, set())
    return {one: item for item, one in taken.items()}


def _fits(wanted: _Item, found: _Item) -> bool:
    return (
        _is(found.name, wanted.name)
        and wanted.kind in ("", found.kind)
        and not wanted.differing(found)
        and _fit(wanted.children, found.children)
    )


def _fit(wanted: list[_Item], found: list[_Item]) -> bool:
    return len(wanted) == len(found) == len(_pairs(wanted, found))


def _is(value: object, wanted: str) -> bool:
    return wanted in (str(value), repr(value)) or fnmatchcase(str(value), wanted)


def _id(span: trace.SpanContext | None) -> int:
    return span.span_id if span else 0


# How they are shown.


def _lines(item: _Item, pad: str = "") -> Iterator[str]:
    """Yield the lines of a span and of all below it."""
    remark = f"  # {item.remark}" if item.remark else ""
    yield f"{pad}{_title(item)}{remark}"
    for name in item.facts:
        if not (item.remark and name.startswith("code.")):
            yield _fact(item, name, pad)
    for child in item.children:
        yield from _lines(child, pad + "  ")


def _title(item: _Item) -> str:
    kind = item.kind.removeprefix("INTERNAL") or _kind_and_name(item.name)[0]
    return f"{item.kind} {item.name}" if kind else item.name


def _fact(item: _Item, name: str, pad: str) -> str:
    if name not in item.facts:
        return ""
    text = str(value := item.facts[name])
    plain = text.isprintable() and text.strip() == text and "  #" not in text
    return f"{pad}    {name} = {text if plain and text else repr(value)}"


_Row: TypeAlias = tuple[str, str, str]


def _side_by_side(wanted: list[_Item], found: list[_Item]) -> str:
    title = "The trace is not as expected (! differs, - is missing, + is too much):"
    return f"{title}\n\n{_columns(_rows(wanted, found, ''))}"


def _columns(rows: Iterable[_Row]) -> str:
    rows = [("expected", " ", "recorded"), *rows]
    width = max(len(left) for left, _, _ in rows)
    return "\n".join(f"{left:{width}}  {mark}  {right}" for left, mark, right in rows)


def _rows(wanted: list[_Item], found: list[_Item], pad: str) -> Iterator[_Row]:
    """Yield both trees line by line: wanted, a mark where they differ, recorded."""
    pairs = _pairs(wanted, found)
    left = [item for item in found if item not in pairs.values()]
    for one in wanted:
        item = pairs.get(one) or _most_alike(one, left)
        if item is None:
            yield from ((line, "-", "") for line in _lines(one, pad))
        else:
            left = [other for other in left if other is not item]
            yield from _rows_of_pair(one, item, pad)
            yield from _rows(one.children, item.children, pad + "  ")
    for item in left:
        yield from (("", "+", line) for line in _lines(item, pad))


def _most_alike(wanted: _Item, left: list[_Item]) -> _Item | None:
    alike = [item for item in left if _is(item.name, wanted.name)]
    return min(alike, key=lambda item: len(wanted.differing(item)), default=None)


def _rows_of_pair(wanted: _Item, found: _Item, pad: str) -> Iterator[_Row]:
    same_kind = wanted.kind in ("", found.kind)
    yield pad + _title(wanted), " " if same_kind else "!", pad + _title(found)
    differing = wanted.differing(found)
    for name in [*wanted.facts, *sorted(differing - wanted.facts.keys())]:
        mark = "!" if name in differing else " "
        yield _fact(wanted, name, pad), mark, _fact(found, name, pad)
