"""The contract notices every way in which a trace can be wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.contract import contract as checker
from tests.contract.code_lines import check_code
from tests.contract.language import read_contract
from tracing_starter_kit.traces.spans import Event, Span

TREE = """
only kit [ours]: a reason
only kit attributes shop.*: a reason
only auto spans CLIENT connect: a reason

trace visit: somebody comes in
gateway SERVER GET /  @ demo_services/door.py:enter
    http.route = /
    throughout shop.guest = {guest}
  gateway INTERNAL look  @ demo_services/door.py:look  [ours]
    gateway CLIENT SELECT *  @ demo_services/door.py:look
        db.rows = an integer
  2 gateway PRODUCER send tea  (auto: apply_async/tea)  @ demo_services/door.py:enter
    ! gateway CONSUMER process tea  @ demo_services/door.py:pour
"""
GUEST = {"shop.guest": "g-1"}


def span(
    number: int,
    parent: int | None,
    kind: str,
    name: str,
    function: str,
    **changes: object,
) -> Span:
    place = {
        "code.file.path": "demo_services/door.py",
        "code.function.name": f"demo_services.door.{function}",
    }
    attributes = place | GUEST | dict(changes.pop("attributes", {}))
    made = Span(
        trace_id="0" * 31 + "1",
        span_id=str(number),
        parent_span_id=str(parent) if parent else None,
        service="gateway",
        name=name,
        kind=kind,
        start_ns=number,
        end_ns=number + 1,
        status="UNSET",
        status_message="",
        attributes=attributes,
        resource={},
        scope="",
    )
    return replace(made, **changes)


def visit() -> list[Span]:
    """A trace that is as it should be in kit mode."""
    return [
        span(1, None, "SERVER", "GET /", "enter", attributes={"http.route": "/"}),
        span(2, 1, "INTERNAL", "look", "look"),
        span(3, 2, "CLIENT", "SELECT door.db", "look", attributes={"db.rows": 3}),
        span(4, 1, "PRODUCER", "send tea", "enter"),
        span(5, 1, "PRODUCER", "send tea", "enter"),
        span(6, 5, "CONSUMER", "process tea", "pour"),
    ]


@pytest.fixture(autouse=True)
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "traces.txt"
    file.write_text(TREE)
    monkeypatch.setattr(checker, "CONTRACT", read_contract(file))


def test_a_trace_as_it_should_be_passes() -> None:
    checker.check(visit(), "visit", values={"guest": "g-1"})


def without(number: int) -> Callable[[list[Span]], list[Span]]:
    return lambda spans: [one for one in spans if one.span_id != str(number)]


def changed(number: int, **changes: object) -> Callable[[list[Span]], list[Span]]:
    return lambda spans: [
        replace(one, **changes) if one.span_id == str(number) else one for one in spans
    ]


def with_attributes(number: int, **more: object) -> Callable[[list[Span]], list[Span]]:
    return lambda spans: [
        replace(
            one,
            attributes={
                **one.attributes,
                **{k.replace("_", "."): v for k, v in more.items()},
            },
        )
        if one.span_id == str(number)
        else one
        for one in spans
    ]


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (without(3), "-     gateway CLIENT SELECT"),
        (without(4), "-   gateway PRODUCER send tea"),
        (without(6), "stands 0 times"),
        (changed(2, name="peek"), "+                "),
        (changed(2, kind="CLIENT"), "gateway CLIENT look"),
        (changed(2, service="billing"), "billing INTERNAL look"),
        (changed(3, parent_span_id="1"), "-     gateway CLIENT SELECT"),
        (changed(6, parent_span_id="99"), "stands 0 times"),
        (changed(2, status="ERROR", status_message="boom"), "status is ERROR: boom"),
        (changed(2, events=(Event("exception", 1, {}),)), "events are exception"),
        (with_attributes(1, http_route="/x"), "http.route is '/x', wanted /"),
        (with_attributes(3, db_rows="3"), "db.rows is '3', wanted an integer"),
        (with_attributes(4, shop_guest="g-2"), "wanted {guest} (g-1)"),
        (with_attributes(2, code_function_name="demo_services.door.gaze"), ":gaze"),
        (lambda spans: [*spans, spans[0]], "stands there twice"),
        (lambda spans: [*spans, replace(spans[3], span_id="7")], "+ "),
        (lambda spans: [*changed(6, trace_id="2")(spans)], "not of one trace"),
    ],
)
def test_what_is_wrong_is_shown(
    spoil: Callable[[list[Span]], list[Span]], says: str
) -> None:
    with pytest.raises(AssertionError) as complaint:
        checker.check(spoil(visit()), "visit")

    assert says in str(complaint.value)


def test_a_value_that_was_known_before_is_compared() -> None:
    with pytest.raises(
        AssertionError, match=r"shop\.guest is 'g-1', wanted \{guest\} \(g-9\)"
    ):
        checker.check(visit(), "visit", values={"guest": "g-9"})


def test_in_auto_mode_what_stands_below_a_span_of_the_kit_moves_up() -> None:
    spans = [
        replace(one, name="apply_async/tea") if one.name == "send tea" else one
        for one in changed(3, parent_span_id="1")(without(2)(visit()))
    ]

    checker.check(spans, "visit", mode="auto")


def test_in_auto_mode_what_may_stand_anywhere_may() -> None:
    spans = [
        replace(one, name="apply_async/tea") if one.name == "send tea" else one
        for one in changed(3, parent_span_id="7")(without(2)(visit()))
    ]

    checker.check(
        [*spans, span(7, 1, "CLIENT", "connect", "look")], "visit", mode="auto"
    )


def test_what_is_missing_is_named_until_it_is_there() -> None:
    named = checker.missing(without(3)(visit()), "visit")

    assert named == ["gateway CLIENT SELECT *  @ demo_services/door.py:look"]
    assert checker.missing(visit(), "visit") == []


def test_a_line_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    file = tmp_path / "traces.txt"
    file.write_text("trace a: b\n\ngateway WAITER GET /\n")

    with pytest.raises(ValueError, match=r"traces\.txt:3: gateway WAITER"):
        read_contract(file)


def code(path: str, function: str, line: int) -> Span:
    place = {"code.file.path": path, "code.function.name": function}
    return replace(visit()[0], attributes=place | {"code.line.number": line})


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (("door.py", "door.enter", 2), None),
        (("door.py", "door.enter", 9), "does not lie inside"),
        (("door.py", "door.leave", 2), "has no function"),
        (("door.py", "enter", 2), "has no function"),
        (("gate.py", "gate.enter", 2), "is no file"),
        (("../door.py", "door.enter", 2), "is no file"),
        (("door.py", "door.enter", None), "has no full code"),
    ],
)
def test_a_line_of_code_must_lie_where_a_span_says(
    tmp_path: Path, place: tuple[str, str, int], says: str | None
) -> None:
    (tmp_path / "door.py").write_text("def enter():\n    return 1\n")
    (tmp_path.parent / "door.py").write_text("def enter():\n    return 1\n")

    complaints = check_code([code(*place)], tmp_path)

    assert [says in one for one in complaints if says] == ([True] if says else [])
    assert len(complaints) == (1 if says else 0)
