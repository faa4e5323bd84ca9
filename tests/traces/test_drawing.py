"""A trace parsed from OTLP JSON and drawn as a tree of text lines."""

from __future__ import annotations

from typing import Any

import pytest

from tracing_starter_kit.traces.drawing import duration_text, print_tree, render
from tracing_starter_kit.traces.spans import Span, build_tree, load_spans
from tracing_starter_kit.traces.warnings import trace_warnings

Json = dict[str, Any]


def document(*spans: Json) -> Json:
    resource = {
        "attributes": [{"key": "service.name", "value": {"stringValue": "shop"}}]
    }
    scope_spans = [{"scope": {"name": "by.hand"}, "spans": list(spans)}]
    return {
        "result": {"resourceSpans": [{"resource": resource, "scopeSpans": scope_spans}]}
    }


def span(span_id: str, parent: str = "", **fields: Any) -> Json:
    return {
        "traceId": "0A" * 16,
        "spanId": span_id * 16,
        "parentSpanId": parent * 16,
        "name": f"span {span_id}",
        "kind": 1,
        "startTimeUnixNano": "1000",
        "endTimeUnixNano": "2501000",
        "status": {},
        **fields,
    }


def test_a_span_is_read_with_python_values() -> None:
    pairs = [
        {"key": "number", "value": {"intValue": "42"}},
        {"key": "list", "value": {"arrayValue": {"values": [{"boolValue": True}]}}},
    ]

    (parsed,) = load_spans(document(span("1", attributes=pairs)))

    assert parsed.attributes == {"number": 42, "list": [True]}
    assert (parsed.trace_id, parsed.service, parsed.kind) == (
        "0a" * 16,
        "shop",
        "INTERNAL",
    )


def test_a_span_without_its_parent_stands_as_a_root() -> None:
    roots = build_tree(load_spans(document(span("1"), span("2", "1"), span("3", "9"))))

    assert [root.span.name for root in roots] == ["span 1", "span 3"]


def test_spans_whose_parents_form_a_circle_are_drawn_from_the_earliest_on() -> None:
    spans = [span("1"), span("2", "4"), span("3", "2"), span("4", "3"), span("5", "5")]

    drawn = render(load_spans(document(*spans)))

    names = [line.partition("internal  ")[2] for line in drawn.splitlines()]
    assert [name.partition("2.50 ms")[0].rstrip() for name in names] == [
        "span 1",
        "span 2",
        "└─ span 3",
        "   └─ span 4",
        "span 5",
    ]


def test_a_chain_deeper_than_pythons_stack_is_drawn() -> None:
    ids = [f"{number:016x}" for number in range(1, 3000)]
    parents = ["", *ids]
    chain = [
        span("0", spanId=id_, parentSpanId=parent)
        for id_, parent in zip(ids, parents, strict=False)
    ]

    assert len(render(load_spans(document(*chain))).splitlines()) == len(ids)


def test_the_tree_names_service_duration_code_and_failure() -> None:
    code = [
        {"key": "code.file.path", "value": {"stringValue": "shop/cart.py"}},
        {"key": "code.line.number", "value": {"intValue": "7"}},
    ]
    failed = span("2", "1", attributes=code, status={"code": 2, "message": "no stock"})

    text = render(load_spans(document(span("1"), failed)))

    assert text.splitlines() == [
        "shop  internal  span 1        2.50 ms",
        "shop  internal  └─ span 2   ✗ 2.50 ms  shop/cart.py:7  no stock",
    ]


def test_a_narrow_terminal_gets_shorter_lines() -> None:
    code = [{"key": "code.file.path", "value": {"stringValue": "shop/cart.py"}}]
    long = {"name": "look for a cart that is empty", "attributes": code}
    spans = load_spans(document(span("1"), span("2", "1", **long)))

    texts = [render(spans, width=width).splitlines()[1] for width in (80, 68, 58, 50)]

    assert texts == [
        "shop  internal  └─ look for a cart that is empty     2.50 ms  shop/cart.py:?",
        "shop  └─ look for a cart that is empty     2.50 ms  cart.py:?",
        "shop  └─ look for a cart that is e…     2.50 ms  cart.py:?",
        "shop  └─ look for a cart t…     2.50 ms  cart.py:?",
    ]


def test_a_line_that_does_not_fit_is_cut() -> None:
    failed = span("2", "1", status={"code": 2, "message": "no stock"})

    text = render(load_spans(document(failed)), width=30)

    assert text == "shop  span 2   ✗ 2.50 ms  no …"


def test_durations_keep_the_digits_that_matter() -> None:
    assert [duration_text(n) for n in (420_000, 318_400_000, 6_010_000_000)] == [
        "0.42 ms",
        "318 ms",
        "6.01 s",
    ]


def test_control_characters_are_made_visible() -> None:
    status = {"code": 2, "message": "no\x07 card\nagain"}
    spans = load_spans(document(span("1", name="a\x1b]0;b\x07\ud800", status=status)))

    (line,) = render(spans).splitlines()

    assert "a\\x1b]0;b\\x07\\ud800" in line
    assert line.endswith("no\\x07 card\\nagain")


def test_details_stand_below_their_span() -> None:
    def parent_of(span: Span, parent: Span | None) -> list[str]:
        return [f"below {parent.name}"] if parent else []

    text = render(load_spans(document(span("1"), span("2", "1"))), details=parent_of)

    assert text.splitlines() == [
        "shop  internal  span 1        2.50 ms",
        "shop  internal  └─ span 2     2.50 ms",
        "                     below span 1",
    ]


def test_without_durations_a_failure_keeps_its_mark() -> None:
    failed = span("1", status={"code": 2, "message": "no stock"})

    text = render(load_spans(document(failed)), durations=False)

    assert text == "shop  internal  span 1   ✗  no stock"


def test_a_very_deep_trace_is_printed_in_a_bounded_amount(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ids = [f"{number:016x}" for number in range(1, 15_001)]
    chain = [
        span("0", spanId=id_, parentSpanId=parent)
        for id_, parent in zip(ids, ["", *ids], strict=False)
    ]

    print_tree(load_spans(document(*chain)))

    printed = capsys.readouterr().out
    assert len(printed) < 1_000_000
    assert " 1999 └─ span 0" in printed
    assert "… and 13000 more spans" in printed


def warnings_of(*spans: Json) -> list[str]:
    return list(trace_warnings(load_spans(document(*spans))))


def test_a_correct_trace_has_no_warnings() -> None:
    assert warnings_of(span("1"), span("2", "1")) == []


def test_missing_parents_and_circles_are_told_apart() -> None:
    assert warnings_of(span("2", "9"), span("3", "3")) == [
        "The root span is missing.",
        "Spans whose parent is missing: 1.",
        "Circles of parents, each drawn from its earliest span on: 1.",
    ]


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        (0, 8_000_000_000, "has no start time"),
        (8_000_000_000, 0, "has no end time"),
        (0, 0, "has no start and no end time"),
        (9_000_000_000, 8_500_000_000, "ends 0.5 s before it starts"),
        (
            2_000_000_000,
            8_000_000_000,
            "starts 5 s before its parent: their hosts' clocks differ",
        ),
    ],
)
def test_a_time_that_cannot_be_true_is_named(
    start: int, end: int, problem: str
) -> None:
    parent = span("1", startTimeUnixNano=7_000_000_000, endTimeUnixNano=9_000_000_000)
    child = span("2", "1", startTimeUnixNano=start, endTimeUnixNano=end)

    assert warnings_of(parent, child) == [f"shop: span 2 {problem}."]


def test_warnings_stand_below_the_printed_tree(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_tree(load_spans(document(span("1", endTimeUnixNano=0))))

    assert "Warning: shop: span 1 has no end time." in capsys.readouterr().out


def test_days_and_hours_are_not_counted_in_seconds() -> None:
    assert duration_text(3 * 86_400 * 10**9) == "3.00 d"
    assert duration_text(5400 * 10**9) == "1.50 h"
