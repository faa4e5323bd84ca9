"""Three numbers that only the trace of the learner's own order shows."""

from __future__ import annotations

from collections.abc import Sequence

from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.spans import Span, load_spans
from tracing_starter_kit.workshop.checking.answers_file import (
    read_answers,
    without_separators,
)
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed

HELPERS = ()
PLAN = "business"  # the first order that `make demo` sends has another plan
RECEIPT = "notifications.deliver_receipt"
# With a worker that runs, a receipt waits a few milliseconds: a guess could be right.
LEAST_WAIT_MS = 500


def check(run: Run) -> None:
    """Read the trace that the learner names, and compare the answers with it."""
    answers = read_answers(run.folder, "trace_id", "statements", "slowest", "queue_ms")
    spans = fetch(run.places.viewer, answers["trace_id"].lower())
    expect_own_order(spans)
    expect_statement_count(spans, answers["statements"])
    expect_slowest_line(spans, answers["slowest"])
    expect_wait(spans, answers["queue_ms"])


def fetch(viewer: str, trace_id: str) -> list[Span]:
    """Return the spans of the trace from the viewer."""
    if not trace_id:
        raise CheckFailed(
            f"answers.toml has no `trace_id` yet. With `make demo` running, send an "
            f"order of your own: `kit order --plan {PLAN}`. The id is in the address "
            f"that the command prints."
        )
    if len(trace_id) != 32 or not set(trace_id) <= set("0123456789abcdef"):
        raise CheckFailed(
            f"trace_id = {trace_id!r} is not a trace id; expected 32 characters, 0 to "
            f"9 and a to f, as after /trace/ in the trace's address."
        )
    try:
        return load_spans(web.get_json(f"{viewer}/api/v3/traces/{trace_id}"))
    except web.WebError as error:
        if error.status == 404:
            raise CheckFailed(
                f"The viewer at {viewer} has no trace {trace_id}: it may be from "
                f"another day or another demo. Send a new order: `kit order --plan "
                f"{PLAN}`."
            ) from None
        raise CheckFailed(
            f"The viewer at {viewer} does not answer. This exercise needs the running "
            f"demo: start it with `make demo` in another terminal."
        ) from None


def expect_own_order(spans: Sequence[Span]) -> None:
    """Expect the complete trace of an order that the learner sent."""
    roots = [span for span in spans if span.name == "POST /orders"]
    if not any(span.service == "gateway" for span in roots):
        raise CheckFailed(
            f"This trace is `{spans[0].name}`, not an order; expected `POST /orders` "
            f"of the gateway."
        )
    if not any(span.attributes.get("shop.plan") == PLAN for span in spans):
        raise CheckFailed(
            f"This order is not yours: its plan is not {PLAN}. Send one: `kit order "
            f"--plan {PLAN}`."
        )
    if not any(span.kind == "CONSUMER" and RECEIPT in span.name for span in spans):
        raise CheckFailed(
            "The trace has no receipt yet. If the worker is stopped, start it: `kit "
            "start worker`. If the card was declined, send another order. `kit trace` "
            "shows the present state."
        )


def expect_statement_count(spans: Sequence[Span], answer: str) -> None:
    """Expect the number of billing's database spans."""
    statements = database_spans(spans)
    count = sum(span.service == "billing" for span in statements)
    if answer == str(count):
        return
    if not answer:
        raise CheckFailed(
            "answers.toml has no `statements` yet: how many statements did billing "
            "send to its database?"
        )
    total = str(len(statements))
    hint = " That is the number of all services together." if answer == total else ""
    raise CheckFailed(
        f"statements = {answer!r}: billing sent another number of statements.{hint} "
        f"Count the spans of billing that are named after an SQL statement."
    )


def expect_slowest_line(spans: Sequence[Span], answer: str) -> None:
    """Expect the line whose database span is the longest."""
    statements = database_spans(spans)
    longest = max(statements, key=lambda span: span.end_ns - span.start_ns)
    line = answer.rpartition("/")[2]
    if line == file_line(longest):
        return
    if not answer:
        raise CheckFailed(
            "answers.toml has no `slowest` yet: which line waited longest for a "
            "database?"
        )
    if line in {file_line(span) for span in statements}:
        problem = "that line waited, but another line waited longer"
    else:
        problem = "that line did not ask a database"
    raise CheckFailed(f"slowest = {answer!r}: {problem}.")


def expect_wait(spans: Sequence[Span], answer: str) -> None:
    """Expect the time that the receipt was in the queue."""
    receipt = next(s for s in spans if s.kind == "CONSUMER" and RECEIPT in s.name)
    wait_ms = float(receipt.attributes.get("kit.queue.duration_ms", 0))
    if wait_ms < LEAST_WAIT_MS:
        raise CheckFailed(
            "This order's receipt did not wait: the worker was running. Stop the "
            "worker before the order, and start it after: `kit stop worker`, "
            f"`kit order --plan {PLAN}`, `kit start worker`."
        )
    if not answer:
        raise CheckFailed(
            "answers.toml has no `queue_ms` yet: how long was the receipt in the queue?"
        )
    try:
        answer_ms = float(without_separators(answer))
    except ValueError:
        raise CheckFailed(
            f"queue_ms = {answer!r} is not a number of milliseconds."
        ) from None
    if abs(answer_ms - wait_ms) <= wait_ms * 0.02:  # False for "nan"
        return
    work_ms = (receipt.end_ns - receipt.start_ns) / 1e6
    is_work = abs(answer_ms - work_ms) <= 1
    hint = " That is the time that the worker needed for it." if is_work else ""
    raise CheckFailed(
        f"queue_ms = {answer!r} is not the time in the trace.{hint} The span "
        f"`{receipt.name}` has a field for the time in the queue."
    )


def database_spans(spans: Sequence[Span]) -> list[Span]:
    """Return the spans of database statements, of all services."""
    return [span for span in spans if "db.system.name" in span.attributes]


def file_line(span: Span) -> str:
    """Return a span's place in the code, as `file.py:line`."""
    return str(span.code).rpartition("/")[2]
