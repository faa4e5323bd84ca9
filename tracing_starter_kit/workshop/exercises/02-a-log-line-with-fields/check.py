"""The line of a task that timed out names the task, its target and its times."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.workshop.checking.events import (
    Event,
    expect_value,
    form_problem,
    read_events,
)
from tracing_starter_kit.workshop.checking.run import Run
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.task_times import (
    TaskTimes,
    expect_wait_and_work,
    send_in_turn,
)

HELPERS = ("logs",)
TYPES = ("feed", "email", "report", "backup")
FIRST_TAKES = 0.2  # seconds; the next task waits for it


def check(run: Run) -> None:
    """Send a task that times out behind one that works, then behind two.

    Wait and time-out differ between the two runs of the program, so that no constant
    fits both.
    """
    timeouts = (
        run.random.randint(420, 480) / 1000,
        run.random.randint(240, 300) / 1000,
    )
    kinds = run.sample(TYPES, 2)
    late: list[TaskTimes] = []
    output = ""
    for count, (timeout, kind) in enumerate(zip(timeouts, kinds, strict=True), 1):
        with run.web("tasks", TASK_TIMEOUT=str(timeout)) as service:
            short = [new_task(run, TYPES[0], FIRST_TAKES) for _ in range(count)]
            tasks = [*short, new_task(run, kind, 1)]
            late += send_in_turn(service, tasks, timeout)[-1:]
        output += service.output()  # complete only now: the program flushes at its end
    lines = [event for event in read_events(output) if is_timeout(event)]
    run.events = lines
    if len(lines) < len(late):
        raise CheckFailed(
            f"{len(late)} tasks timed out, but {len(lines)} lines say so. Keep the "
            f'words "timed out" in the line, or write the field `timeout_dur_ms`.'
        )
    for times in late:
        expect_fields(line_of(lines, times.task), times)


def new_task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task with random values."""
    target = f"{run.unique_name('site')}.example.com"
    number = run.random.randint(100, 99999)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def is_timeout(event: Event) -> bool:
    """Tell whether a line is about a task that timed out."""
    return "timeout_dur_ms" in event or "timed out" in str(event.get("message", ""))


def line_of(lines: list[Event], task: Mapping[str, Any]) -> Event:
    """Return the line about one task."""
    if not any("task_id" in line for line in lines):
        if problem := form_problem(lines, task["id"]):
            raise CheckFailed(problem)
        advice = " A formatter of plain text leaves out the fields of `extra`."
        raise CheckFailed(
            f'The line "{lines[0].get("message", lines[0])}" has no `task_id`: it does '
            f"not say which task timed out."
            + (advice if set(lines[0]) == {"message"} else "")
        )
    ids = [str(line.get("task_id")) for line in lines]
    if str(task["id"]) not in ids:
        raise CheckFailed(
            f"Task {task['id']} timed out, but no line has its `task_id`: the lines "
            f"have {', '.join(ids)}."
        )
    return lines[ids.index(str(task["id"]))]


def expect_fields(line: Event, times: TaskTimes) -> None:
    """Compare a line with its task."""
    subject = f"the line of task {times.task['id']}"
    expect_value(line, "type", times.task["type"], subject)
    expect_value(line, "target", times.task["target"], subject)
    expect_wait_and_work(line, times, "timeout_dur_ms", subject)
