"""The tree language of `assert_tree`: which trees match, and how differences look."""

from __future__ import annotations

import random
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from instrumentation.testing import Spans, recording

tracer = trace.get_tracer(__name__)


def order(plan: str = "team") -> Spans:
    """The spans of an order: three items, of which the second failed."""
    with (
        recording() as spans,
        tracer.start_as_current_span("order", kind=SpanKind.SERVER),
    ):
        with tracer.start_as_current_span("item", attributes={"shop.item": 1}):
            tracer.start_span("price").end()
        with tracer.start_as_current_span("item", attributes={"shop.item": 2}) as item:
            item.set_status(trace.StatusCode.ERROR, "sold out")
            item.add_event("exception")
        tracer.start_span("item", attributes={"shop.plan": plan}).end()
    return spans


@pytest.mark.parametrize(
    "tree",
    [
        "order\n item\n  price\n item\n  status = ERROR\n item",
        "SERVER order\n INTERNAL item\n  price\n item\n  status = ERROR\n item",
        "order\n item\n  shop.plan = team\n item\n  status = *\n"
        "  shop.item = 2\n *\n  *",
        "# all of it\norder  # 3 ms\n\n item\n  status = ERROR\n item\n item\n  p*",
        "ord*\n item\n  status = ERROR\n  events = exception\n item\n item\n  price",
    ],
)
def test_a_tree_fits_with_patterns_comments_and_siblings_in_any_order(
    tree: str,
) -> None:
    order().assert_tree(tree)


@pytest.mark.parametrize(
    "tree",
    [
        "",
        "order",
        "order\n item\n  price\n item\n item",  # without the ERROR
        "order\n item\n item\n  price\n  status = ERROR\n item",  # on another item
        "CLIENT order\n item\n  price\n item\n  status = ERROR\n item",
        "order\n item\n  price\n item\n  status = ERROR\n item\n item",
        "order\n item\n  price\n item\n  status = ERROR\n item\n  shop.plan = *free",
        "order\n item\n  price\n item\n  status = ERROR\n item\n  shop.other = *",
        "order\nitem\n  price\nitem\n  status = ERROR\nitem",
    ],
)
def test_a_missing_unexpected_or_different_span_is_a_failure(tree: str) -> None:
    with pytest.raises(AssertionError, match="The trace is not as expected"):
        order().assert_tree(tree)


def test_the_error_shows_each_difference_in_its_line() -> None:
    with pytest.raises(AssertionError) as failure:
        order().assert_tree(
            """
            CLIENT order
              item
                  shop.item = 1
                price
              item
                  shop.item = 3
                  status = ERROR
              receipt
            """
        )

    lines = str(failure.value).splitlines()[2:]
    assert [line.partition("  #")[0].rstrip() for line in lines] == [
        "expected                 recorded",
        "CLIENT order          !  SERVER order",
        "  item                     item",
        "      shop.item = 1            shop.item = 1",
        "    price                    price",
        "  item                     item",
        "      shop.item = 3   !        shop.item = 2",
        "      status = ERROR           status = ERROR",
        "  receipt             -",
        "                      +    item",
        "                      +        shop.plan = team",
    ]


def test_the_text_of_a_tree_has_durations_places_and_errors() -> None:
    with recording() as spans:
        span = tracer.start_span("order", kind=SpanKind.CLIENT, start_time=10**9)
        span.set_attributes({"code.file.path": "shop/orders.py", "code.line.number": 7})
        span.set_attribute("shop.note", "two\nlines")
        span.set_status(trace.StatusCode.ERROR)
        tracer.start_span("forgotten")
        span.end(10**9 + 12_300_000)

    assert str(spans).splitlines() == [
        "CLIENT order  # 12.3 ms, shop/orders.py:7",
        r"    shop.note = 'two\nlines'",
        "    status = ERROR",
        "forgotten",
        "    ended = not yet",
    ]


def test_an_attribute_above_all_spans_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'shop\.plan = team' stands below no span"):
        order().assert_tree("shop.plan = team\norder")


def test_spans_are_found_by_name_parent_and_attributes() -> None:
    spans = order("free")

    assert len(spans.find()) == 5
    assert [span.name for span in spans.find(parent="item")] == ["price"]
    assert spans.find("i*", attributes={"shop.plan": "free"}) == [spans.find("item")[2]]
    assert spans.one("price").name == "price"
    with pytest.raises(AssertionError, match="3 spans, not one: 'item' below 'order'"):
        spans.one("item", parent="order")


def test_a_recording_within_another_is_part_of_it() -> None:
    with recording() as outer:
        tracer.start_span("before").end()
        with recording() as inner:
            tracer.start_span("within").end()
        tracer.start_span("after").end()

    inner.assert_tree("within")
    outer.assert_tree("before\nwithin\nafter")
    assert type(trace.get_tracer_provider()) is trace.ProxyTracerProvider


@dataclass
class Plan:
    """A span to make, and the spans below it."""

    name: str
    attributes: dict[str, str | int | bool]
    children: list[Plan]


names = st.sampled_from(["a", "b", "GET /x", "SERVER x", "a*", "[a]"])
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
values = texts | st.integers(-9, 9) | st.booleans()
attributes = st.dictionaries(st.sampled_from(["shop.a", "shop.b"]), values)
trees = st.recursive(
    st.builds(Plan, names, attributes, st.just([])),
    lambda below: st.builds(Plan, names, attributes, st.lists(below, max_size=3)),
    max_leaves=8,
)


def make(plan: Plan, rng: random.Random | None = None) -> None:
    with tracer.start_as_current_span(plan.name, attributes=plan.attributes):
        children = list(plan.children)
        if rng is not None:
            rng.shuffle(children)
        for child in children:
            make(child, rng)


@settings(deadline=None)  # machines are busy
@given(st.lists(trees, min_size=1, max_size=3), st.randoms(use_true_random=False))
def test_a_printed_tree_matches_itself_in_any_order_of_siblings(
    plans: list[Plan], rng: random.Random
) -> None:
    with recording() as first:
        for plan in plans:
            make(plan)
    with recording() as second:
        for plan in reversed(plans):
            make(plan, rng)

    second.assert_tree(str(first))
