"""Each task leaves one line, which tells its waiting from its work."""

import re
from typing import Any

from tracing_starter_kit.workshop.checking.events import (
    Event,
    expect_value,
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
CHANGES = re.compile(r"[\d:.,-]+")  # what differs between two lines that are alike
FIRST_TAKES = 0.4  # seconds; the next one waits for it


def check(run: Run) -> None:
    """Send a task that works, and behind it one that times out, twice."""
    timeout = run.random.randint(560, 640) / 1000
    kinds = iter(run.different(TYPES, 4))
    done: list[TaskTimes] = []
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
        for _ in range(2):
            both = [
                task(run, next(kinds), takes) for takes in (FIRST_TAKES, timeout * 2)
            ]
            done += send_in_turn(tasks, both, timeout)
    output = tasks.output()  # its end has flushed what it printed
    every = read_events(output)
    lines = [event for event in every if "task_id" in event]
    run.events = lines
    events = [event_of(lines, told.sent) for told in done]
    for event, told in zip(events, done, strict=True):
        look_at(event, told, late=told.sent["takes"] > timeout)
    nothing_else_is_said([one for one in every if "task_id" not in one], len(done))


def task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task that nobody can have known beforehand."""
    target = f"{run.word('site')}.example.com"
    number = run.random.randint(100, 99999)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def event_of(lines: list[Event], sent: Any) -> Event:
    """Return the one line about a task."""
    own = [line for line in lines if str(line["task_id"]) == str(sent["id"])]
    if not own:
        raise CheckFailed(f"Task {sent['id']} has run, and no line has that `task_id`.")
    if len(own) > 1:
        raise CheckFailed(
            f"Task {sent['id']} has {len(own)} lines, and each knows a part of it. "
            f"Gather the fields, and write one line when the task is done."
        )
    return own[0]


def nothing_else_is_said(others: list[Event], tasks: int) -> None:
    """Demand that no other line comes with each task, or with each that is late."""
    alike: dict[str, list[str]] = {}
    for event in others:
        text = str(event.get("message", event))
        alike.setdefault(CHANGES.sub("", text), []).append(text)
    for texts in alike.values():
        if len(texts) >= tasks / 2:
            raise CheckFailed(
                f'Beside the lines of the tasks, "{texts[0]}" and its like are in the '
                f"log {len(texts)} times, and do not even say which task: they can go."
            )


def look_at(event: Event, told: TaskTimes, *, late: bool) -> None:
    """Compare one event with the task that it is about."""
    about = f"the event of task {told.sent['id']}"
    expect_value(event, "type", told.sent["type"], about)
    expect_value(event, "target", told.sent["target"], about)
    expect_value(event, "outcome", "timed out" if late else "processed", about)
    if not late:
        expect_value(event, "entries", 42, about)
    expect_wait_and_work(event, told, "work_dur_ms", about)
