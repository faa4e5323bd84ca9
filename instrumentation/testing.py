# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Spans in your tests: a pytest fixture `spans`, with the real SDK and in memory.

Use: copy this file beside your top `conftest.py`, and write there
`pytest_plugins = ["testing"]`. The fixture `spans` records every span that a test
starts, from any tracer and in any thread; a test that fails prints its trace.
Your application may set tracing up at any time, or not at all, and each test leaves
the tracing as it was. OTEL_TRACES_EXPORTER is "none" unless you set it, so that no span
leaves the test run.
Needs: pip install opentelemetry-sdk~=1.45 "pytest>=8"
From the tracing starter kit 0.2.0.

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
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import DEFAULT_ON

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

Fields: TypeAlias = Mapping[str, object] | None
_Wrapper: TypeAlias = Generator[None, pytest.TestReport, pytest.TestReport]


class Spans:
    """The spans that a test has started, as a tree.

    `str(spans)` is the tree as text, in the form that `assert_tree` reads.

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
        """Return the matching spans that have ended, in the order of their start.

        Args:
            name: The span's name, or a pattern with `*`.
            parent: The name of its parent, or a pattern with `*`.
            attributes: Some of its attributes; a list is a tuple there.

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
            and _matches(span.name, name)
            and (parent is None or _matches(names.get(_id(span.parent), ""), parent))
            and (attributes or {}).items() <= (span.attributes or {}).items()
        ]

    def one(
        self, name: str = "*", *, parent: str | None = None, attributes: Fields = None
    ) -> ReadableSpan:
        """Return the only span with this name, parent and attributes; see `find`.

        Raises:
            AssertionError: if there is none, or more than one.

        >>> tracer = trace.get_tracer("shop")
        >>> with recording() as spans, tracer.start_as_current_span("order") as span:
        ...     span.set_attribute("shop.order.quantity", 3)
        >>> spans.one("order").attributes["shop.order.quantity"]
        3
        """
        __tracebackhide__ = True
        spans = self.find(name, parent=parent, attributes=attributes)
        below = f" below {parent!r}" if parent else ""
        having = f" with {dict(attributes)}" if attributes else ""
        assert len(spans) == 1, f"{len(spans)} spans, not one: {name!r}{below}{having}"
        return spans[0]

    def wait_for(self, name: str, timeout: float = 5.0) -> ReadableSpan:
        """Return the first span with this name once it has ended, in any thread.

        Args:
            name: The span's name, or a pattern with `*`.
            timeout: Seconds to wait for it.

        Raises:
            AssertionError: if no such span has ended in time.

        >>> import threading
        >>> with recording() as spans:
        ...     late = trace.get_tracer("shop").start_span("late")
        ...     threading.Timer(0.05, late.end).start()
        ...     spans.wait_for("late").name
        'late'
        """
        __tracebackhide__ = True
        deadline = time.monotonic() + timeout
        while not (spans := self.find(name)):
            assert time.monotonic() < deadline, f"No {name!r} has ended in {timeout} s."
            time.sleep(0.01)
        return spans[0]

    def assert_tree(self, expected: str) -> None:
        """Compare all recorded spans with a tree in text.

        Each line is a span's name, optionally after its kind (SERVER, CLIENT, PRODUCER,
        CONSUMER, INTERNAL). Below it, indented, stand its attributes as `name = value`
        and its children, in any order. `*` matches any text. The tree has to name every
        span, and `status = ERROR` for each failed one; other attributes may be left
        out. Two spaces and # begin a comment, so that the tree of a failed test can be
        pasted as it is.

        Args:
            expected: The tree, with any indentation; "" for no span at all.

        Raises:
            AssertionError: if they differ, with both trees side by side.
            ValueError: for an attribute without a span above it.

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
        tree, recorded = _read(expected), self._tree()
        if not _fit(tree, recorded):
            raise AssertionError(_side_by_side(tree, recorded))

    def clear(self) -> None:
        """Forget the spans so far, such as those of a test's preparation.

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
        """Return the spans without a parent, or with one that was started elsewhere."""
        started = list(self._started)  # a copy: a thread may start more meanwhile
        items = {_id(span.context): _recorded(span) for span in started}
        top = _Item("", "")
        for span in started:
            items.get(_id(span.parent), top).children.append(items[_id(span.context)])
        return top.children


@pytest.fixture
def spans() -> Iterator[Spans]:
    """Record the spans of a test.

    >>> def test_an_order_is_charged_once(spans):
    ...     place_order()
    ...     spans.one("charge card", parent="place_order")
    """
    with recording() as spans:
        yield spans


@contextmanager
def recording() -> Iterator[Spans]:
    """Record the spans that a block starts, as the fixture does for a test.

    >>> with recording() as spans:
    ...     trace.get_tracer("shop").start_span("order").end()
    >>> spans.one().name
    'order'
    """
    spans, start = Spans(), Span.start

    def watched_start(span: Span, *args: Any, **options: Any) -> None:
        spans._started.append(span)
        start(span, *args, **options)

    # An empty context: a span that an earlier test left open must not be a parent here.
    token = context.attach(context.Context())
    try:
        with _global_provider(), pytest.MonkeyPatch.context() as patch:
            # Not a span processor: each provider would need one, also a provider that
            # is set up halfway through a test, and it could not be removed again.
            patch.setattr(Span, "start", watched_start)
            yield spans
    finally:
        context.detach(token)


def pytest_configure(config: pytest.Config) -> None:
    """Keep all spans within the test run, and the SDK switched on."""
    patch = pytest.MonkeyPatch()
    config.add_cleanup(patch.undo)
    patch.delenv("OTEL_SDK_DISABLED", raising=False)
    if "OTEL_TRACES_EXPORTER" not in os.environ:
        patch.setenv("OTEL_TRACES_EXPORTER", "none")
        # That is too late for an application that conftest.py has imported. For good,
        # because a provider exports its last spans at the end of the process.
        for exporter in SpanExporter.__subclasses__():
            if exporter.__module__.startswith("opentelemetry.exporter."):
                exporter.export = lambda *_: SpanExportResult.SUCCESS  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> _Wrapper:
    """Print the trace of a test that fails."""
    report = yield
    spans = getattr(item, "funcargs", {}).get("spans")
    if report.failed and isinstance(spans, Spans):
        report.sections.append(("Trace", str(spans)))
    return report


# The provider.


@contextmanager
def _global_provider() -> Iterator[None]:
    """Provide a global provider: the application's, or a stand-in until it sets one."""
    before = trace.get_tracer_provider()
    if not isinstance(before, trace.ProxyTracerProvider):
        yield
        return
    _set_global(stand_in := _StandIn())
    try:
        yield
    finally:
        if trace.get_tracer_provider() is stand_in:
            _set_global(before if isinstance(before, _StandIn) else None)


def _set_global(provider: _StandIn | None) -> None:
    # Private: set_tracer_provider() works once per process, and that one call is the
    # application's. Without this name, the first test uses the call up.
    if hasattr(trace, "_TRACER_PROVIDER"):
        trace._TRACER_PROVIDER = provider
    elif provider is not None:
        trace.set_tracer_provider(provider)


class _StandIn(trace.ProxyTracerProvider):
    """An SDK provider that looks like an unset one, so that another may follow it."""

    def __init__(self) -> None:
        self.sdk = TracerProvider(DEFAULT_ON, shutdown_on_exit=False)

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _Tracer(*args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.sdk, name)  # add_span_processor, force_flush …


class _Tracer(trace.Tracer):
    """Looks its provider up for each span.

    A module keeps its tracer for good, while each test has another provider.
    """

    def __init__(self, *scope: Any, **more: Any) -> None:
        self._scope, self._more = scope, more

    def start_span(self, *args: Any, **kwargs: Any) -> Any:
        return self._current().start_span(*args, **kwargs)

    def start_as_current_span(self, *args: Any, **kwargs: Any) -> Any:
        return self._current().start_as_current_span(*args, **kwargs)

    def _current(self) -> Any:
        provider: Any = trace.get_tracer_provider()  # the stand-in has its own in `sdk`
        return getattr(provider, "sdk", provider).get_tracer(*self._scope, **self._more)


# The tree, as recorded and as written in a test.


@dataclass(eq=False)
class _Item:
    """A span of either tree; an expected one may have patterns and fewer facts."""

    kind: str
    name: str
    facts: dict[str, object] = field(default_factory=dict)
    remark: str = ""
    children: list[_Item] = field(default_factory=list)

    def differing(self, span: _Item) -> set[str]:
        """Return the facts in which a recorded span differs.

        The tree has to tell a failed or open span.
        """
        names = self.facts.keys() | (span.facts.keys() & {"status", "ended"})
        return {
            name
            for name in names
            if name not in span.facts
            or not _matches(span.facts[name], str(self.facts.get(name)))
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


# The comparison of both trees.


def _pairs(expected: list[_Item], recorded: list[_Item]) -> dict[_Item, _Item]:
    """Match as many expected spans as possible with recorded ones, in any order.

    A recorded span that several expected spans fit is passed on while its owner can
    move to another one (Kuhn's algorithm).
    """
    fits = {item: [span for span in recorded if _fits(item, span)] for item in expected}
    owners: dict[_Item, _Item] = {}

    def claim(item: _Item, tried: set[_Item]) -> bool:
        for span in sorted(fits[item], key=owners.__contains__):  # free ones first
            if span not in tried:
                tried.add(span)
                if span not in owners or claim(owners[span], tried):
                    owners[span] = item
                    return True
        return False

    for item in expected:
        claim(item, set())
    return {item: span for span, item in owners.items()}


def _fits(item: _Item, span: _Item) -> bool:
    is_same = _matches(span.name, item.name) and item.kind in ("", span.kind)
    return is_same and not item.differing(span) and _fit(item.children, span.children)


def _fit(expected: list[_Item], recorded: list[_Item]) -> bool:
    return len(expected) == len(recorded) == len(_pairs(expected, recorded))


def _matches(value: object, pattern: str) -> bool:
    return pattern in (str(value), repr(value)) or fnmatchcase(str(value), pattern)


def _id(span: trace.SpanContext | None) -> int:
    return span.span_id if span else 0


# The trees as text.


def _lines(item: _Item, pad: str = "") -> Iterator[str]:
    """Yield the lines of a span and its descendants."""
    yield f"{pad}{_title(item)}" + (f"  # {item.remark}" if item.remark else "")
    names = (n for n in item.facts if not (item.remark and n.startswith("code.")))
    yield from (_fact(item, name, pad) for name in names)
    for child in item.children:
        yield from _lines(child, pad + "  ")


def _title(item: _Item) -> str:
    kind = item.kind.removeprefix("INTERNAL") or _kind_and_name(item.name)[0]
    return f"{item.kind} {item.name}" if kind else item.name


def _fact(item: _Item, name: str, pad: str) -> str:
    if name not in item.facts:
        return ""
    text = str(value := item.facts[name])
    is_plain = text.isprintable() and text.strip() == text and "  #" not in text
    return f"{pad}    {name} = {text if is_plain and text else repr(value)}"


_Row: TypeAlias = tuple[str, str, str]


def _side_by_side(expected: list[_Item], recorded: list[_Item]) -> str:
    title = "The trace is not as expected (! differs, - is missing, + is unexpected):"
    return f"{title}\n\n{_columns(_rows(expected, recorded, ''))}"


def _columns(rows: Iterable[_Row]) -> str:
    rows = [("expected", " ", "recorded"), *rows]
    width = max(len(line) for line, _, _ in rows)
    return "\n".join(f"{line:{width}}  {mark}  {other}" for line, mark, other in rows)


def _rows(expected: list[_Item], recorded: list[_Item], pad: str) -> Iterator[_Row]:
    """Yield both trees line by line: expected, a mark where they differ, recorded."""
    pairs = _pairs(expected, recorded)
    remaining = [span for span in recorded if span not in pairs.values()]
    for item in expected:
        span = pairs.get(item) or _most_alike(item, remaining)
        if span is None:
            yield from ((line, "-", "") for line in _lines(item, pad))
        else:
            remaining = [other for other in remaining if other is not span]
            yield from _rows_of_pair(item, span, pad)
            yield from _rows(item.children, span.children, pad + "  ")
    for span in remaining:
        yield from (("", "+", line) for line in _lines(span, pad))


def _most_alike(item: _Item, spans: list[_Item]) -> _Item | None:
    alike = [span for span in spans if _matches(span.name, item.name)]
    return min(alike, key=lambda span: len(item.differing(span)), default=None)


def _rows_of_pair(item: _Item, span: _Item, pad: str) -> Iterator[_Row]:
    yield pad + _title(item), " !"[item.kind not in ("", span.kind)], pad + _title(span)
    differing = item.differing(span)
    for name in [*item.facts, *sorted(differing - item.facts.keys())]:
        yield _fact(item, name, pad), " !"[name in differing], _fact(span, name, pad)
