"""The contract notices every way in which a trace can be wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.contract import contract as checker
from tests.contract.code_lines import check_code
from tests.contract.notation import read_contract
from tracing_starter_kit.traces.spans import Event, Span

TREE = """
only kit [ours]: a reason
only kit attributes shop.*: a reason
only auto spans CLIENT connect: a reason

trace visit: a guest comes in
gateway: SERVER GET /  @ door.py:enter
    http.route = /
    throughout shop.guest = {guest}
  INTERNAL look  @ door.py:look  [ours]
    CLIENT SELECT *  @ door.py:look
        db.system.name = sqlite | postgresql
        db.query.text = *FROM guests*
        db.rows = an integer
        shop.table = none
  2 times PRODUCER send tea  (auto: apply_async/tea)  @ door.py:enter
    once kitchen: CONSUMER process tea  @ tea.py:pour
        kit.queue.name = /^t.a$/
"""
GUEST = {"shop.guest": "g-1"}
Spoil = Callable[[list[Span]], list[Span]]


def span(
    number: int,
    parent: int | None,
    kind: str,
    name: str,
    code: str,
    service: str = "gateway",
    attributes: Mapping[str, object] | None = None,
) -> Span:
    file, _, function = code.partition(":")
    place = {
        "code.file.path": f"demo_services/{service}/{file}.py",
        "code.function.name": f"demo_services.{service}.{file}.{function}",
    }
    return Span(
        trace_id="0" * 31 + "1",
        span_id=str(number),
        parent_span_id=str(parent) if parent else None,
        service=service,
        name=name,
        kind=kind,
        start_ns=number,
        end_ns=number + 1,
        status="UNSET",
        status_message="",
        attributes=place | GUEST | dict(attributes or {}),
        resource={},
        scope="",
    )


SELECT = {
    "db.system.name": "sqlite",
    "db.query.text": "SELECT *\nFROM guests",
    "db.rows": 3,
}


def visit() -> list[Span]:
    """A trace that is as expected in kit mode."""
    tea = {"kit.queue.name": "tea"}
    return [
        span(1, None, "SERVER", "GET /", "door:enter", attributes={"http.route": "/"}),
        span(2, 1, "INTERNAL", "look", "door:look"),
        span(3, 2, "CLIENT", "SELECT door.db", "door:look", attributes=SELECT),
        span(4, 1, "PRODUCER", "send tea", "door:enter"),
        span(5, 1, "PRODUCER", "send tea", "door:enter"),
        span(6, 5, "CONSUMER", "process tea", "tea:pour", "kitchen", tea),
    ]


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "traces.txt"
    file.write_text(TREE)
    monkeypatch.setattr(checker, "CONTRACT", read_contract(file))


def test_a_trace_as_in_the_contract_passes() -> None:
    checker.check(visit(), "visit", values={"guest": "g-1"})


def without(number: int) -> Spoil:
    return lambda spans: [span for span in spans if span.span_id != str(number)]


def changed(number: int, **changes: Any) -> Spoil:
    return lambda spans: [
        replace(span, **changes) if span.span_id == str(number) else span
        for span in spans
    ]


def with_attributes(number: int, **attributes: object) -> Spoil:
    """Change attributes; `http_route` stands for `http.route`."""
    dotted = {name.replace("_", "."): value for name, value in attributes.items()}
    return lambda spans: [
        replace(span, attributes={**span.attributes, **dotted})
        if span.span_id == str(number)
        else span
        for span in spans
    ]


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without(1), "gateway: SERVER GET /  # demo_services/gateway/door.py:enter"),
        (without(3), "gateway: CLIENT SELECT *  # demo_services/gateway/door.py:look"),
        (without(4), "gateway: PRODUCER send tea  # demo_services/gateway/door.py"),
        (without(6), "kitchen: CONSUMER process tea  # demo_services/kitchen/tea.py"),
        (changed(2, name="peek"), "+    gateway: INTERNAL peek"),
        (changed(2, kind="CLIENT"), "!    gateway: CLIENT look"),
        (changed(2, service="billing"), "!    billing: INTERNAL look"),
        (changed(3, parent_span_id="1"), "+    gateway: CLIENT SELECT door.db"),
        (changed(6, parent_span_id="99"), "+  kitchen: CONSUMER process tea"),
        (changed(2, status="ERROR"), "status = none"),
        (changed(2, status="ERROR", status_message="boom"), "status.message = boom"),
        (
            changed(2, events=(Event("exception", 1, {}),)),
            "!        events = exception",
        ),
        (with_attributes(1, http_route="/x"), "!      http.route = /x"),
        (
            with_attributes(3, db_system_name="mysql"),
            "!          db.system.name = mysql",
        ),
        (
            with_attributes(3, db_query_text="FROM x"),
            "!          db.query.text = FROM x",
        ),
        (with_attributes(3, db_rows="3"), "db.rows = an integer"),
        (with_attributes(3, db_rows=True), "db.rows = an integer"),
        (with_attributes(3, shop_table="guests"), "shop.table = none"),
        (with_attributes(4, shop_guest="g-2"), "shop.guest = g-1"),
        (with_attributes(6, shop_guest=None), "shop.guest = {guest}"),
        (with_attributes(6, kit_queue_name="tee"), "kit.queue.name = /^t.a$/"),
        (with_attributes(2, code_function_name="door.gaze"), "py:door.gaze"),
        (with_attributes(2, code_file_path="x.py"), "!        code.place = x.py:"),
        (lambda spans: [*spans, spans[0]], "Two spans have the same id."),
        (lambda spans: [*spans, replace(spans[3], span_id="7")], "+    gateway: PROD"),
        (lambda spans: [*spans, replace(spans[5], span_id="7")], "+      kitchen: CON"),
        (changed(6, trace_id="2"), "The spans belong to several traces."),
    ],
)
def test_a_difference_is_shown(spoil: Spoil, message: str) -> None:
    with pytest.raises(AssertionError) as difference:
        checker.check(spoil(visit()), "visit")

    assert message in str(difference.value)


def test_only_differences_show_their_attributes() -> None:
    with pytest.raises(AssertionError) as difference:
        checker.check(with_attributes(3, db_rows="3")(visit()), "visit")

    shown = [line for line in str(difference.value).splitlines() if " = " in line]
    assert [" ".join(line.split()) for line in shown] == [
        "db.rows = an integer ! db.rows = 3"
    ]


def test_the_order_of_siblings_does_not_matter() -> None:
    checker.check(changed(6, parent_span_id="4")(visit()), "visit")


def test_a_value_that_the_test_knows_is_compared() -> None:
    with pytest.raises(
        AssertionError, match=r"shop\.guest = g-9 +! +shop\.guest = g-1"
    ):
        checker.check(visit(), "visit", values={"guest": "g-9"})


def in_auto_mode(spans: list[Span]) -> list[Span]:
    """A visit without the span made by hand, and with contrib's names."""
    return [
        replace(span, name="apply_async/tea") if span.name == "send tea" else span
        for span in without(2)(spans)
    ]


def test_in_auto_mode_the_children_of_a_span_of_the_kit_move_up() -> None:
    spans = in_auto_mode(changed(3, parent_span_id="1")(visit()))

    checker.check(spans, "visit", mode="auto")


def test_in_auto_mode_contribs_names_are_expected() -> None:
    spans = without(2)(changed(3, parent_span_id="1")(visit()))

    with pytest.raises(AssertionError, match="apply_async/tea"):
        checker.check(spans, "visit", mode="auto")


def test_in_auto_mode_spans_that_may_stand_anywhere_are_left_out() -> None:
    spans = in_auto_mode(changed(3, parent_span_id="7")(visit()))
    connect = span(7, 1, "CLIENT", "connect", "door:look")

    checker.check([*spans, connect], "visit", mode="auto")


def test_missing_spans_are_named_until_they_arrive() -> None:
    expected = "gateway: CLIENT SELECT *  # demo_services/gateway/door.py:look"

    assert checker.missing(without(3)(visit()), "visit") == [expected]
    assert checker.missing(visit(), "visit") == []


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("gateway: WAITER GET /", "neither a span nor an attribute"),
        ("SERVER GET /", "has no service"),
        ("gateway: SERVER GET /  [odd]", "odd"),
        ("only kit spam a.*: a reason", "a rule is about"),
        ("    http.route = /", "list index out of range"),
    ],
)
def test_a_line_that_cannot_be_read_is_named(
    tmp_path: Path, line: str, message: str
) -> None:
    file = tmp_path / "traces.txt"
    file.write_text(f"trace a: b\n\n{line}\n")

    with pytest.raises(ValueError, match=r"traces\.txt:3: ") as error:
        read_contract(file)

    assert message in str(error.value)


def code(path: str, function: str, line: int | None) -> Span:
    place = {"code.file.path": path, "code.function.name": function}
    return replace(visit()[0], attributes=place | {"code.line.number": line})


@pytest.mark.parametrize(
    ("place", "message"),
    [
        (("door.py", "door.enter", 9), "does not lie inside"),
        (("door.py", "door.leave", 2), "has no function"),
        (("door.py", "enter", 2), "has no function"),
        (("gate.py", "gate.enter", 2), "is not a file"),
        (("../door.py", "door.enter", 2), "is not a file"),
        (("door.py", "door.enter", None), "lacks a part of code.*"),
    ],
)
def test_a_code_line_must_lie_in_its_function(
    tmp_path: Path, place: tuple[str, str, int | None], message: str
) -> None:
    (tmp_path / "door.py").write_text("def enter():\n    return 1\n")
    (tmp_path.parent / "door.py").write_text("def enter():\n    return 1\n")

    (complaint,) = check_code([code(*place)], tmp_path)

    assert message in complaint


def test_a_code_line_that_lies_in_its_function_passes(tmp_path: Path) -> None:
    (tmp_path / "door.py").write_text("def enter():\n    return 1\n")

    assert check_code([code("door.py", "door.enter", 2)], tmp_path) == []
