"""What `kit logs` makes of a bakery's log, with the learner's options, on new lines."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracing_starter_kit.traces.drawing import duration_text
from tracing_starter_kit.traces.spans import Span, load_spans
from tracing_starter_kit.workshop.checking.answers_file import read_answers
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
    """One order of the bakery as the check makes it up."""

    name: str
    oven: str
    waited: timedelta
    baked: timedelta
    lost: str


def check(run: Run) -> None:
    """Compare the answers; then read a log that only the check knows."""
    answers_are_right(read_answers(run.folder, *ANSWERS))
    options = read_options(run.folder, *OPTIONS)
    orders = [
        order(run, lost=number == 1) for number in range(run.random.randint(3, 5))
    ]
    with tempfile.TemporaryDirectory() as name:
        log = Path(name) / LOG
        log.write_text(written(run, orders))
        documents = read_log(log, options)
    spans = [span for one in documents for span in load_spans(one)]
    for one in orders:
        order_is_told(one, trace_of(one, spans))


def tree(folder: Path) -> str:
    """Return what the exercise's page shows: the log that lies there, with options."""
    return drawn_log(folder / LOG, read_options(folder, *OPTIONS))


def answers_are_right(answers: Mapping[str, str]) -> None:
    """Demand the three numbers that the trace of the first log shows."""
    for name, wanted in ANSWERS.items():
        if not answers[name]:
            raise CheckFailed(
                f"answers.toml says nothing about {name} yet: `kit logs tasks.log` "
                f"draws the four traces, and the viewer shows the numbers."
            )
        said = answers[name].removeprefix("task").removesuffix("ms").strip()
        if said != wanted:
            raise CheckFailed(
                f"{name} = {answers[name]!r} is not what the trace says. Look at the "
                f"tree that `kit logs tasks.log` draws: each part has its own duration."
            )


def order(run: Run, *, lost: bool) -> Order:
    """Make up one order."""
    seconds = run.random.randint
    return Order(
        name=run.word("o"),
        oven=run.word("oven"),
        waited=timedelta(milliseconds=seconds(2_000, 400_000)),
        baked=timedelta(milliseconds=seconds(900_000, 3_000_000)),
        lost=f"burnt: {run.word('reason')}" if lost else "",
    )


def written(run: Run, orders: list[Order]) -> str:
    """Return the log of these orders, in the order of time."""
    pick = run.random.randint  # no month, and no hour of a clock with twelve
    begin = datetime(2019, 1, pick(13, 28), pick(13, 22), 12, tzinfo=UTC)
    lines = []
    for number, one in enumerate(orders):
        listed_at = begin + timedelta(seconds=number, milliseconds=310)
        pushed_at = listed_at + one.waited
        bread = run.random.choice(BREADS)
        text = f"{bread}, {run.random.randint(10, 90)} loaves, put on the list"
        lines += [
            (listed_at, one.name, "-", text),
            (pushed_at, one.name, one.oven, "pushed in"),
            (pushed_at + one.baked, one.name, one.oven, one.lost or "taken out"),
        ]
    return "".join(
        f"{when:%d.%m.%Y %H:%M:%S},{when.microsecond // 1000:03} | {' | '.join(rest)}\n"
        for when, *rest in sorted(lines)
    )


def trace_of(order: Order, spans: list[Span]) -> list[Span]:
    """Return the one trace in which an order is named, whichever of its spans does."""
    ids = sorted({span.trace_id for span in spans if order.name in as_text(span)})
    if len(ids) > 1:
        raise CheckFailed(
            f"The three lines of order {order.name} are in {len(ids)} traces: is `id` "
            f"what all lines of an order have in common?",
            ids[0],
        )
    return [span for span in spans if span.trace_id in ids]


def order_is_told(order: Order, spans: list[Span]) -> None:
    """Demand the trace of one order: its wait, its baking, its outcome."""
    if not spans:
        raise CheckFailed(
            "No order of a new bakery.log became a trace. Do `pattern` and "
            "`time_format` fit each line, and is `id` the name of a group in it, or an "
            "expression around the order?"
        )
    root = next(span for span in spans if span.parent_span_id is None)
    names = listed(f"`{span.name}`" for span in spans)
    parts = {duration(span) for span in spans if span is not root}
    if duration(root) != order.waited + order.baked:
        raise CheckFailed(
            f"An order that took {text(order.waited + order.baked)} altogether became "
            f"a trace of {text(duration(root))}: does `time_format` read the date, do "
            f"`queued` and `ended` name its first line and its last, and is `id` in "
            f"each of them?",
            root.trace_id,
        )
    if not {order.waited, order.baked} <= parts:
        raise CheckFailed(
            f"It waited for {text(order.waited)} and was in the oven for "
            f"{text(order.baked)}, and the trace does not tell that apart. It has "
            f"{names}. Which words say that an order is `queued`, which that it has "
            f"`started`?",
            root.trace_id,
        )
    if not any(span.attributes.get("oven") == order.oven for span in spans):
        raise CheckFailed(
            f"Which oven was it? {order.oven} is in the lines and in no span: a group "
            f"`oven` in the pattern makes it a field.",
            root.trace_id,
        )
    outcome_is_told(order, root)


def outcome_is_told(order: Order, root: Span) -> None:
    """Demand that an order has failed if it is lost, and only then."""
    failed = root.status == "ERROR"
    if failed != bool(order.lost):
        is_marked = "is" if failed else "is not"
        word = "failed" if order.lost else "ended"
        raise CheckFailed(
            f"An order whose last line is {(order.lost or 'taken out')!r} {is_marked} "
            f"marked as failed: which words say that one has `{word}`?",
            root.trace_id,
        )


def text(took: timedelta) -> str:
    """Return a duration as the trees have it."""
    return duration_text(round(took.total_seconds() * 1e9))


def duration(span: Span) -> timedelta:
    """Return how long a span took, to the millisecond that the log knows."""
    return timedelta(milliseconds=round((span.end_ns - span.start_ns) / 1e6))


def as_text(span: Span) -> str:
    """Return the values of a span's attributes."""
    return json.dumps(dict(span.attributes), default=str)
