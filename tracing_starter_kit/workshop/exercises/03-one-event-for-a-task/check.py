"""Each task leaves one line, which tells waiting from work."""

from __future__ import annotations

import re
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
NUMBERS = re.compile(r"[\d:.,-]+")  # they differ between two lines of the same kind
FIRST_TAKES = 0.4  # seconds; the next task waits for it


def check(run: Run) -> None:
    """Send a task that works, and behind it a task that times out; both twice."""
    timeout = run.random.randint(560, 640) / 1000
    kinds = iter(run.sample(TYPES, 4))
    tasks: list[TaskTimes] = []
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as service:
        for _ in range(2):
            durations = (FIRST_TAKES, timeout * 2)
            pair = [new_task(run, next(kinds), takes) for takes in durations]
            tasks += send_in_turn(service, pair, timeout)
    output = service.output()  # complete only now: the program flushes at its end
    lines = read_events(output)
    run.events = [line for line in lines if "task_id" in line]
    others = [line for line in lines if "task_id" not in line]
    events = [event_of(run.events, times.task, others) for times in tasks]
    for event, times in zip(events, tasks, strict=True):
        expect_fields(event, times, is_late=times.task["takes"] > timeout)
    expect_no_other_lines(others, len(tasks))


def new_task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task with random values."""
    target = f"{run.unique_name('site')}.example.com"
    number = run.random.randint(100, 99999)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def event_of(lines: list[Event], task: Mapping[str, Any], others: list[Event]) -> Event:
    """Return the only line about a task."""
    own = [line for line in lines if str(line["task_id"]) == str(task["id"])]
    if not own:
        problem = form_problem(others, task["id"])
        missing = f"Task {task['id']} ran, but no line has its `task_id`."
        raise CheckFailed(problem or missing)
    if len(own) > 1:
        raise CheckFailed(
            f"Task {task['id']} has {len(own)} lines, and each has only some of the "
            f"fields. Collect the fields, and write one line when the task is done."
        )
    return own[0]


def expect_no_other_lines(others: list[Event], task_count: int) -> None:
    """Expect no other line that comes with each task, or with each late task."""
    groups: dict[str, list[str]] = {}
    for event in others:
        text = str(event.get("message", event))
        groups.setdefault(NUMBERS.sub("", text), []).append(text)
    for texts in groups.values():
        if len(texts) >= task_count / 2:
            raise CheckFailed(
                f"Beside the lines of the tasks, the log has {len(texts)} lines such "
                f'as "{texts[0]}", which do not say which task they belong to: remove '
                f"them."
            )


def expect_fields(event: Event, times: TaskTimes, *, is_late: bool) -> None:
    """Compare an event with its task."""
    subject = f"the event of task {times.task['id']}"
    expect_value(event, "type", times.task["type"], subject)
    expect_value(event, "target", times.task["target"], subject)
    expect_value(event, "outcome", "timed out" if is_late else "processed", subject)
    if not is_late:
        expect_value(event, "entries", 42, subject)
    expect_wait_and_work(event, times, "work_dur_ms", subject)
