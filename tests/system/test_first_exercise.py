"""The workshop's first exercise, about an order in the running demo."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.contract import missing
from tests.system.demo import Demo, await_
from tracing_starter_kit.traces.spans import Span
from tracing_starter_kit.workshop.checker import Checker
from tracing_starter_kit.workshop.exercise import by_number
from tracing_starter_kit.workshop.settings import Places

REFUSED = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def checker(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checker]:
    folder = tmp_path_factory.mktemp("state")
    places = Places(demo.url("VIEWER_PORT"), None, demo.url("GATEWAY_PORT"), folder)
    with Checker(places) as checker:
        yield checker


@pytest.fixture(scope="module")
def order(demo: Demo) -> list[Span]:
    """The trace of an order as in the exercise: its receipt has waited."""
    assert demo.kit("stop", "worker").returncode == 0
    trace_id = place_order(demo, "business")
    begun = time.monotonic()
    await_(
        time.monotonic, lambda now: now - begun > 1, lambda _: "no second has passed"
    )
    assert demo.kit("start", "worker").returncode == 0
    return complete_trace(demo, trace_id)


def place_order(demo: Demo, plan: str) -> str:
    return str(demo.kit_json("order", "--plan", plan)["trace_id"])


def complete_trace(demo: Demo, trace_id: str) -> list[Span]:
    return demo.await_spans(trace_id, lambda spans: missing(spans, "order", "kit"))


@pytest.fixture(scope="module")
def right(order: list[Span]) -> dict[str, str]:
    """The right answers, read from the trace."""
    rows = [span for span in order if "db.system.name" in span.attributes]
    slowest = max(rows, key=lambda span: span.end_ns - span.start_ns)
    (receipt,) = [span for span in order if span.kind == "CONSUMER"]
    return {
        "trace_id": order[0].trace_id,
        "statements": str(len([row for row in rows if row.service == "billing"])),
        "slowest": (slowest.code or "").rpartition("/")[2],
        "queue_ms": str(receipt.attributes["kit.queue.duration_ms"]),
    }


def sentence_for(checker: Checker, folder: Path, answers: dict[str, str]) -> str:
    """Return the check's sentence for some answers; empty if they are right."""
    exercise = by_number(1)
    assert exercise
    lines = [f'{name} = "{answer}"\n' for name, answer in answers.items()]
    (folder / "answers.toml").write_text("".join(lines))
    return checker.check(exercise, folder).sentence


def test_it_fails_as_shipped(checker: Checker, tmp_path: Path) -> None:
    exercise = by_number(1)
    assert exercise
    shipped = exercise.files()["answers.toml"]
    (tmp_path / "answers.toml").write_text(shipped)

    assert "has no `trace_id` yet" in checker.check(exercise, tmp_path).sentence


def test_the_right_answers_pass(
    checker: Checker, tmp_path: Path, right: dict[str, str]
) -> None:
    assert sentence_for(checker, tmp_path, right) == ""


def test_other_ways_to_write_it_are_right(
    checker: Checker, tmp_path: Path, right: dict[str, str], order: list[Span]
) -> None:
    paths = {span.code for span in order if span.code}
    (full_path,) = {path for path in paths if path.endswith("/" + right["slowest"])}
    rounded = f"{float(right['queue_ms']):.0f} ms"
    other = {"trace_id": right["trace_id"].upper(), "slowest": full_path}

    assert sentence_for(checker, tmp_path, right | other | {"queue_ms": rounded}) == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"trace_id": "4bf92f"}, "is not a trace id; expected 32 characters"),
        ({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}, "has no trace"),
        ({"statements": "1"}, "billing sent another number"),
        ({"slowest": "orders.py:1"}, "that line did not ask a database"),
        ({"queue_ms": "soon"}, "is not a number of milliseconds"),
        ({"queue_ms": "99999"}, "is not the time in the trace"),
        ({"queue_ms": "nan"}, "is not the time in the trace"),
    ],
    ids=str,
)
def test_a_wrong_answer_is_named(
    checker: Checker,
    tmp_path: Path,
    right: dict[str, str],
    wrong: dict[str, str],
    sentence: str,
) -> None:
    assert sentence in sentence_for(checker, tmp_path, right | wrong)


def test_an_order_of_another_plan_is_refused(
    checker: Checker, tmp_path: Path, right: dict[str, str], demo: Demo
) -> None:
    other_id = place_order(demo, "team")
    complete_trace(demo, other_id)

    answer = sentence_for(checker, tmp_path, right | {"trace_id": other_id})

    assert "not yours" in answer


def test_an_order_whose_receipt_did_not_wait_is_refused(
    checker: Checker, tmp_path: Path, right: dict[str, str], demo: Demo
) -> None:
    at_once = place_order(demo, "business")
    rows = [
        s for s in complete_trace(demo, at_once) if "db.system.name" in s.attributes
    ]
    slowest = max(rows, key=lambda span: span.end_ns - span.start_ns)
    its = {"slowest": str(slowest.code).rpartition("/")[2], "queue_ms": "3"}

    answer = sentence_for(checker, tmp_path, right | its | {"trace_id": at_once})

    assert "receipt did not wait" in answer
    assert "`kit stop worker`" in answer


def test_a_trace_without_an_order_is_refused(
    checker: Checker, tmp_path: Path, right: dict[str, str], demo: Demo
) -> None:
    run = demo.kit_json("statements")["trace_id"]
    demo.await_spans(run, lambda spans: [] if spans else ["its first span"])

    assert "not an order" in sentence_for(checker, tmp_path, right | {"trace_id": run})


def test_a_missing_answer_is_named(
    checker: Checker, tmp_path: Path, right: dict[str, str]
) -> None:
    for name, sentence in {
        "statements": "how many statements did billing send",
        "slowest": "which line waited longest",
        "queue_ms": "how long was the receipt in the queue",
    }.items():
        assert sentence in sentence_for(checker, tmp_path, right | {name: ""})


def test_a_likely_mistake_gets_a_hint(
    checker: Checker, tmp_path: Path, right: dict[str, str], order: list[Span]
) -> None:
    rows = [span for span in order if "db.system.name" in span.attributes]
    codes = {str(row.code).rpartition("/")[2] for row in rows} - {right["slowest"]}
    (receipt,) = [span for span in order if span.kind == "CONSUMER"]
    worked = f"{(receipt.end_ns - receipt.start_ns) / 1e6}"
    for wrong, sentence in (
        ({"statements": str(len(rows))}, "That is the number of all services together"),
        ({"slowest": min(codes)}, "that line waited, but another line waited longer"),
        ({"queue_ms": worked}, "That is the time that the worker needed for it"),
    ):
        assert sentence in sentence_for(checker, tmp_path, right | wrong)


def test_without_the_demo_it_says_how_to_start_it(
    right: dict[str, str], tmp_path: Path
) -> None:
    places = Places(REFUSED, None, REFUSED, tmp_path / "state")
    with Checker(places) as checker:
        sentence = sentence_for(checker, tmp_path, right)

    assert "start it with `make demo`" in sentence
