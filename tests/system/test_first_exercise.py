"""The workshop's first exercise, about an order in the running demo."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.trace import Span
from tests.contract.contract import missing
from tests.system.demo import Demo
from workshop.exercise import by_number
from workshop.settings import Places
from workshop.verdict import Tools

pytestmark = pytest.mark.xdist_group("system")
REFUSED = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def tools(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tools]:
    folder = tmp_path_factory.mktemp("state")
    places = Places(demo.url("VIEWER_PORT"), None, demo.url("GATEWAY_PORT"), folder)
    with Tools(places) as opened:
        yield opened


@pytest.fixture(scope="module")
def order(demo: Demo) -> list[Span]:
    """The trace of an order as the exercise asks for it."""
    trace_id = demo.kit_json("order", "--plan", "business")["trace_id"]
    return demo.await_spans(trace_id, lambda spans: missing(spans, "order", "kit"))


@pytest.fixture(scope="module")
def right(order: list[Span]) -> dict[str, str]:
    """What the trace says, as one reads it there."""
    rows = [span for span in order if "db.system.name" in span.attributes]
    slowest = max(rows, key=lambda span: span.end_ns - span.start_ns)
    (receipt,) = [span for span in order if span.kind == "CONSUMER"]
    return {
        "trace_id": order[0].trace_id,
        "statements": str(len([row for row in rows if row.service == "billing"])),
        "slowest": (slowest.code or "").rpartition("/")[2],
        "queue_ms": str(receipt.attributes["app.queue.duration_ms"]),
    }


def said(tools: Tools, folder: Path, answers: dict[str, str]) -> str:
    """What the check says of some answers; nothing if they are right."""
    exercise = by_number(1)
    assert exercise
    lines = [f'{name} = "{answer}"\n' for name, answer in answers.items()]
    (folder / "answers.toml").write_text("".join(lines))
    return tools.examine(exercise, folder).sentence


def test_it_fails_as_shipped(tools: Tools, tmp_path: Path) -> None:
    exercise = by_number(1)
    assert exercise
    shipped = exercise.files()["answers.toml"]
    (tmp_path / "answers.toml").write_text(shipped)

    assert "has no `trace_id` yet" in tools.examine(exercise, tmp_path).sentence


def test_what_the_trace_says_is_right(
    tools: Tools, tmp_path: Path, right: dict[str, str]
) -> None:
    assert said(tools, tmp_path, right) == ""


def test_other_ways_to_write_it_are_right(
    tools: Tools, tmp_path: Path, right: dict[str, str], order: list[Span]
) -> None:
    paths = {span.code for span in order if span.code}
    (whole,) = {path for path in paths if path.endswith("/" + right["slowest"])}
    rounded = f"{float(right['queue_ms']):.0f} ms"
    other = {"trace_id": right["trace_id"].upper(), "slowest": whole}

    assert said(tools, tmp_path, right | other | {"queue_ms": rounded}) == ""


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"trace_id": "4bf92f"}, "is no trace id: that is 32 characters"),
        ({"trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"}, "knows no trace"),
        ({"statements": "1"}, "billing sent another number"),
        ({"slowest": "orders.py:1"}, "that line did not ask a database"),
        ({"queue_ms": "soon"}, "is no number of milliseconds"),
        ({"queue_ms": "99999"}, "is not what the trace says"),
        ({"queue_ms": "nan"}, "is not what the trace says"),
    ],
    ids=str,
)
def test_a_wrong_answer_is_named(
    tools: Tools,
    tmp_path: Path,
    right: dict[str, str],
    wrong: dict[str, str],
    sentence: str,
) -> None:
    assert sentence in said(tools, tmp_path, right | wrong)


def test_somebody_elses_order_is_not_ones_own(
    tools: Tools, tmp_path: Path, right: dict[str, str], demo: Demo
) -> None:
    other = demo.kit_json("order", "--plan", "team")["trace_id"]
    demo.await_spans(other, lambda spans: missing(spans, "order", "kit"))

    answer = said(tools, tmp_path, right | {"trace_id": other})

    assert "not yours" in answer


def test_without_the_demo_it_says_how_to_start_it(
    right: dict[str, str], tmp_path: Path
) -> None:
    places = Places(REFUSED, None, REFUSED, tmp_path / "state")
    with Tools(places) as tools:
        sentence = said(tools, tmp_path, right)

    assert "Start it with `make demo`" in sentence
