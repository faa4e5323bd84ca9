"""A task's span is in the trace of the request that queued it, without the wait."""

from __future__ import annotations

from typing import Any

from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.span_matchers import in_function, request_to
from tracing_starter_kit.workshop.checking.timing import expect_in_turn, expect_no_wait

HELPERS = ("tracing_setup", "span_delivery", "flask_tracing", "traced", "context")
TYPES = ("feed", "email", "report", "backup")
FIRST_TAKES = 0.25  # seconds; the next task waits for it
SLACK = 2  # ms: a sleep and a span's clock need not agree to the last digit


def check(run: Run) -> None:
    """Send a task that works, and behind it a task that times out; both twice."""
    timeout = run.random.randint(280, 350) / 1000
    kinds = iter(run.sample(TYPES, 4))
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
        for _ in range(2):
            for takes in (FIRST_TAKES, timeout * 2):
                tasks.post("/tasks", new_task(run, next(kinds), takes), status=202)
            tasks.wait_until_idle()
    traces = run.traces(*run.answers)
    request = traces.span(request_to("POST /tasks"))
    runs = traces.span(in_function("run"), below=request)
    runs.number(lambda _: 1)
    runs.lasts(lambda answer: min(answer.inputs["takes"], timeout) * 1000 - SLACK)
    expect_in_turn(runs)
    expect_no_wait(request, runs)
    runs.has("shop.task.id", lambda answer: answer.inputs["id"])
    runs.has("shop.task.type", lambda answer: answer.inputs["type"])
    processed = run.traces(*(a for a in run.answers if a.inputs["takes"] < timeout))
    late = run.traces(*(a for a in run.answers if a.inputs["takes"] > timeout))
    processed_runs = processed.span(in_function("run"))
    processed_runs.has("shop.task.entries", lambda answer: answer.inputs["entries"])
    processed.have_no_errors()
    late_runs = late.span(in_function("run"))
    late_runs.failed("TimeoutError", lambda _: f"timed out after {timeout}")
    traces.are_complete()


def new_task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task with random values."""
    return {
        "id": run.random.randint(100, 99999),
        "type": kind,
        "takes": takes,
        "entries": run.random.randint(1, 500),
    }
