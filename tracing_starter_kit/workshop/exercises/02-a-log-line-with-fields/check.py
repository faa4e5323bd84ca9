"""The line of a task that timed out says which task, to whom, and how long."""

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
FIRST_TAKES = 0.2  # seconds; the next one waits for it


def check(run: Run) -> None:
    """Send a task that times out, behind one that works, and again behind two.

    Wait and time-out differ between the two programs, so that no constant fits both.
    """
    timeouts = (
        run.random.randint(420, 480) / 1000,
        run.random.randint(240, 300) / 1000,
    )
    kinds = run.different(TYPES, 2)
    late: list[TaskTimes] = []
    output = ""
    for before, (timeout, kind) in enumerate(zip(timeouts, kinds, strict=True), 1):
        with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
            short = [task(run, TYPES[0], FIRST_TAKES) for _ in range(before)]
            late += send_in_turn(tasks, [*short, task(run, kind, 1)], timeout)[-1:]
        output += tasks.output()  # its end has flushed what it printed
    lines = [event for event in read_events(output) if is_timeout(event)]
    run.events = lines
    if len(lines) < len(late):
        raise CheckFailed(
            f"{len(late)} tasks have timed out, and {len(lines)} lines say so. Keep "
            f"the message as it is, or write `timeout_dur_ms`."
        )
    for told in late:
        look_at(line_of(lines, told.sent), told)


def task(run: Run, kind: str, takes: float) -> dict[str, Any]:
    """Return a task that nobody can have known beforehand."""
    target = f"{run.word('site')}.example.com"
    number = run.random.randint(100, 99999)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def is_timeout(event: Event) -> bool:
    """Tell whether a line is about a task that timed out."""
    return "timeout_dur_ms" in event or "timed out" in str(event.get("message", ""))


def line_of(lines: list[Event], sent: Any) -> Event:
    """Return the line about one task."""
    if not any("task_id" in line for line in lines):
        raise CheckFailed(
            f'"{lines[0]["message"]}": which of the tasks was that? The line has no '
            f"`task_id`."
        )
    own = [line for line in lines if str(line.get("task_id")) == str(sent["id"])]
    if not own:
        ids = ", ".join(str(line.get("task_id")) for line in lines)
        raise CheckFailed(
            f"Task {sent['id']} has timed out, and no line has that `task_id`: the "
            f"lines say {ids}."
        )
    return own[0]


def look_at(line: Event, told: TaskTimes) -> None:
    """Compare one line with the task that it is about."""
    about = f"the line of task {told.sent['id']}"
    expect_value(line, "type", told.sent["type"], about)
    expect_value(line, "target", told.sent["target"], about)
    expect_wait_and_work(line, told, "timeout_dur_ms", about)
