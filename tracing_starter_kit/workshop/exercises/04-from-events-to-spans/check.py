"""A task's run is in the trace of the request that queued it, and is its own time."""

from typing import Any

from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.timing import in_turn
from tracing_starter_kit.workshop.checking.what import in_function, request_to

HELPERS = ("tracing_setup", "span_delivery", "flask_tracing", "traced", "context")
TYPES = ("feed", "email", "report", "backup")
FIRST_TAKES = 0.25  # seconds; the next one waits for it
SLACK = 2  # ms: a sleep and a span's clock need not agree to the last digit


def check(run: Run) -> None:
    """Send a task that works, and behind it one that times out, twice."""
    timeout = run.random.randint(280, 350) / 1000
    kinds = iter(run.different(TYPES, 4))
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
        for _ in range(2):
            for takes in (FIRST_TAKES, timeout * 2):
                tasks.post("/tasks", task(run, next(kinds), takes), status=202)
            tasks.wait_until_idle()
    every = run.traces(*run.answers)
    request = every.span(request_to("POST /tasks"))
    running = every.span(in_function("tasks.py", "run"), below=request)
    running.number(lambda _: 1)
    running.lasts(lambda answer: min(answer.sent["takes"], timeout) * 1000 - SLACK)
    in_turn(running)
    running.has("shop.task.id", lambda answer: answer.sent["id"])
    running.has("shop.task.type", lambda answer: answer.sent["type"])
    done = [one for one in run.answers if one.sent["takes"] < timeout]
    late = [one for one in run.answers if one.sent["takes"] > timeout]
    processed = run.traces(*done).span(in_function("tasks.py", "run"))
    processed.has("shop.task.entries", lambda answer: answer.sent["entries"])
    run.traces(*done).are_fine()
    timed_out = run.traces(*late).span(in_function("tasks.py", "run"))
    timed_out.failed("TimeoutError", lambda _: "timed out after")
    every.are_whole()


def task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task that nobody can have known beforehand."""
    return {
        "id": run.random.randint(100, 99999),
        "type": kind,
        "takes": takes,
        "entries": run.random.randint(1, 500),
    }
