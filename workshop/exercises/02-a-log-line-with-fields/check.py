"""The line of a task that timed out says which task, to whom, and how long."""

import time
from typing import Any

from workshop.checking.events import Event, expect_number, expect_value, read_events
from workshop.checking.run import Run
from workshop.checking.words import NotYet

HELPERS = ("logs",)
TYPES = ("feed", "email", "report", "backup")
FIRST_TAKES = 0.25  # seconds; the next one waits for it


def check(run: Run) -> None:
    """Send a task that works, and behind it one that times out, twice."""
    timeout = run.random.randint(300, 380) / 1000
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
        waits = []  # the least that the late task of each round has waited
        for _ in range(2):
            begun = time.monotonic()
            tasks.post("/tasks", task(run, FIRST_TAKES), status=202)
            tasks.post("/tasks", task(run, timeout * 2), status=202)
            waits.append(FIRST_TAKES - (time.monotonic() - begun))
            tasks.wait_until_idle()
        output = tasks.output()
    late = [answer.sent for answer in run.answers if answer.sent["takes"] > timeout]
    lines = [event for event in read_events(output) if is_timeout(event)]
    run.events = lines
    if len(lines) < len(late):
        raise NotYet(
            f"{len(late)} tasks have timed out, and {len(lines)} lines say so. Keep "
            f"the message as it is, or write `timeout_dur_ms`."
        )
    for sent, wait in zip(late, waits, strict=True):
        look_at(line_of(lines, sent), sent, timeout, wait)


def task(run: Run, takes: float) -> dict[str, Any]:
    """Return a task that nobody can have known beforehand."""
    target = f"{run.word('site')}.example.com"
    number = run.random.randint(100, 99999)
    kind = run.random.choice(TYPES)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def is_timeout(event: Event) -> bool:
    """Tell whether a line is about a task that timed out."""
    return "timeout_dur_ms" in event or "timed out" in str(event.get("message", ""))


def line_of(lines: list[Event], sent: Any) -> Event:
    """Return the line about one task."""
    if not any("task_id" in line for line in lines):
        raise NotYet(
            f'"{lines[0]["message"]}": which of the tasks was that? The line has no '
            f"`task_id`."
        )
    own = [line for line in lines if str(line.get("task_id")) == str(sent["id"])]
    if not own:
        ids = ", ".join(str(line.get("task_id")) for line in lines)
        raise NotYet(
            f"Task {sent['id']} has timed out, and no line has that `task_id`: the "
            f"lines say {ids}."
        )
    return own[0]


def look_at(line: Event, sent: Any, timeout: float, wait: float) -> None:
    """Compare one line with the task that it is about."""
    about = f"the line of task {sent['id']}"
    expect_value(line, "type", sent["type"], about)
    expect_value(line, "target", sent["target"], about)
    least = max(wait * 1000 - 5, 2)
    expect_number(line, "queue_dur_ms", low=least, high=least + 4000, about=about)
    limit = timeout * 1000 * 0.95
    expect_number(line, "timeout_dur_ms", low=limit, high=limit + 4000, about=about)
