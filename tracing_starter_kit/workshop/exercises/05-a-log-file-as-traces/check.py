"""Traces that `kit logs` makes of a bakery's log, with the learner's options."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.traces.spans import Span, load_spans
from tracing_starter_kit.workshop.checking import answers_file
from tracing_starter_kit.workshop.checking.log_command import (
    drawn_log,
    read_log,
    read_options,
)
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed, listed

HELPERS = ()
ANSWERS = {"ran_72": "6010", "waited_72": "200", "skewed": "77"}
LOG = "bakery.log"
OPTIONS = ("pattern", "time_format", "id", "queued", "started", "ended", "failed")
BREADS = ("rye", "baguette", "sourdough", "ciabatta", "pretzel")


@dataclass(frozen=True)
class Order:
    """An invented order of the bakery.

    Attributes:
        wait: The time until it went into the oven.
        baking: The time in the oven.
        failure: The message of a failed order; empty if it was baked.
    """

    name: str
    oven: str
    wait: timedelta
    baking: timedelta
    failure: str


def check(run: Run) -> None:
    """Compare the answers; then read a log that only the check knows."""
    expect_answers(answers_file.read_answers(run.folder, *ANSWERS))
    options = read_options(run.folder, *OPTIONS)
    orders = [
        new_order(run, fails=number == 1) for number in range(run.random.randint(3, 5))
    ]
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / LOG
        log.write_text(log_text(run, orders))
        documents = read_log(log, options)
    spans = [span for document in documents for span in load_spans(document)]
    for order in orders:
        trace = trace_of(order, spans)
        expect_times(order, trace)
        expect_oven(order, trace)
        expect_outcome(order, trace)


def tree(folder: Path) -> str:
    """Return the trees for the exercise's page, from the log in the folder."""
    return drawn_log(folder / LOG, read_options(folder, *OPTIONS))


def expect_answers(answers: Mapping[str, str]) -> None:
    """Expect the three numbers that the traces of the first log show."""
    for name, expected in ANSWERS.items():
        if not answers[name]:
            raise CheckFailed(
                f"answers.toml has no `{name}` yet: `kit logs tasks.log` draws the "
                f"four traces, and the viewer shows the numbers."
            )
        answer = answers_file.without_separators(answers[name])
        if answer != expected:
            raise CheckFailed(
                f"{name} = {answers[name]!r} is not the value in the trace. Look at "
                f"the trees that `kit logs tasks.log` draws: each part has its own "
                f"duration."
            )


def new_order(run: Run, *, fails: bool) -> Order:
    """Invent one order."""
    milliseconds = run.random.randint
    return Order(
        name=run.unique_name("o"),
        oven=run.unique_name("oven"),
        wait=timedelta(milliseconds=milliseconds(2_000, 400_000)),
        baking=timedelta(milliseconds=milliseconds(900_000, 3_000_000)),
        failure=f"burnt: {run.unique_name('reason')}" if fails else "",
    )


def log_text(run: Run, orders: list[Order]) -> str:
    """Return the log of these orders, sorted by time."""
    pick = run.random.randint
    # A day that is not a month, and an hour that a clock with twelve hours lacks.
    begin = datetime(2019, 1, pick(13, 28), pick(13, 22), 12, tzinfo=UTC)
    lines = []
    for number, order in enumerate(orders):
        listed_at = begin + timedelta(seconds=number, milliseconds=310)
        pushed_at = listed_at + order.wait
        bread = run.random.choice(BREADS)
        text = f"{bread}, {run.random.randint(10, 90)} loaves, put on the list"
        outcome = order.failure or "taken out"
        lines += [
            (listed_at, order.name, "-", text),
            (pushed_at, order.name, order.oven, "pushed in"),
            (pushed_at + order.baking, order.name, order.oven, outcome),
        ]
    return "".join(
        f"{at:%d.%m.%Y %H:%M:%S},{at.microsecond // 1000:03} | {' | '.join(parts)}\n"
        for at, *parts in sorted(lines)
    )


def trace_of(order: Order, spans: list[Span]) -> list[Span]:
    """Return the only trace with an order's name in any of its spans."""
    ids = sorted({span.trace_id for span in spans if order.name in all_values(span)})
    if len(ids) > 1:
        raise CheckFailed(
            f"The three lines of order {order.name} are in {len(ids)} traces; expected "
            f"one: is `id` the same in all lines of an order?",
            ids[0],
        )
    if not ids:
        raise CheckFailed(
            "No order of a new bakery.log became a trace. Do `pattern` and "
            "`time_format` fit each line? Is `id` the name of a group in the pattern, "
            "or an expression that matches the order?"
        )
    return [span for span in spans if span.trace_id in ids]


def expect_times(order: Order, trace: list[Span]) -> None:
    """Expect the order's whole time, its wait and its baking."""
    root = root_of(trace)
    total = order.wait + order.baking
    if duration(root) != total:
        raise CheckFailed(
            f"An order took {text(total)} in all, but its trace takes "
            f"{text(duration(root))}: does `time_format` read the date, do `queued` "
            f"and `ended` match its first and its last line, and is `id` in each line?",
            root.trace_id,
        )
    if not {order.wait, order.baking} <= {duration(s) for s in trace if s is not root}:
        names = listed(f"`{span.name}`" for span in trace)
        raise CheckFailed(
            f"An order waited for {text(order.wait)} and was in the oven for "
            f"{text(order.baking)}, but its trace does not show the two times apart. "
            f"It has {names}. Which words mean `queued`, and which `started`?",
            root.trace_id,
        )


def expect_oven(order: Order, trace: list[Span]) -> None:
    """Expect the oven as a field."""
    if not any(span.attributes.get("oven") == order.oven for span in trace):
        raise CheckFailed(
            f"The lines have {order.oven}, but no span has a field `oven`: a group "
            f"`oven` in the pattern makes it a field.",
            root_of(trace).trace_id,
        )


def expect_outcome(order: Order, trace: list[Span]) -> None:
    """Expect the trace to be marked as failed exactly if the order failed."""
    root = root_of(trace)
    is_marked = root.status == "ERROR"
    if is_marked != bool(order.failure):
        last = order.failure or "taken out"
        state = "is" if is_marked else "is not"
        option = "failed" if order.failure else "ended"
        raise CheckFailed(
            f"The last line of an order is {last!r}, and its trace {state} marked as "
            f"failed: which words mean `{option}`?",
            root.trace_id,
        )


def root_of(trace: list[Span]) -> Span:
    """Return the span without a parent."""
    return next(span for span in trace if span.parent_span_id is None)


def text(took: timedelta) -> str:
    """Return a duration in the form of the trees."""
    return duration_text(round(took.total_seconds() * 1e9))


def duration(span: Span) -> timedelta:
    """Return a span's duration in milliseconds, the precision of the log."""
    return timedelta(milliseconds=round((span.end_ns - span.start_ns) / 1e6))


def all_values(span: Span) -> str:
    """Return the values of a span's attributes as one text."""
    return json.dumps(dict(span.attributes), default=str)
