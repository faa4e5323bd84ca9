"""Each task leaves one line, which tells its waiting from its work."""

import time
from typing import Any

from workshop.checking.events import Event, expect_number, expect_value, read_events
from workshop.checking.run import Run
from workshop.checking.words import NotYet

HELPERS = ("logs",)
TYPES = ("feed", "email", "report", "backup")
FIRST_TAKES = 0.45  # seconds; the next one waits for it
MARGIN = 5  # ms: both durations are rounded, and two clocks are read


def check(run: Run) -> None:
    """Send a task that works, and behind it one that times out, twice."""
    timeout = run.random.randint(500, 580) / 1000
    sums = []  # the longest that the late task of each round was there, in ms
    with run.web("tasks", TASK_TIMEOUT=str(timeout)) as tasks:
        for _ in range(2):
            tasks.post("/tasks", task(run, FIRST_TAKES), status=202)
            begun = time.monotonic()
            tasks.post("/tasks", task(run, timeout * 2), status=202)
            tasks.wait_until_idle()
            sums.append((time.monotonic() - begun) * 1000 + MARGIN)
        output = tasks.output()
    lines = [event for event in read_events(output) if "task_id" in event]
    run.events = lines
    tasks_sent = [answer.sent for answer in run.answers]
    events = [event_of(lines, sent) for sent in tasks_sent]
    for event, sent in zip(events, tasks_sent, strict=True):
        look_at(event, sent, timeout)
    for event, longest in zip(events[1::2], sums, strict=True):
        tells_apart(event, longest)


def task(run: Run, takes: float) -> dict[str, Any]:
    """Return a task that nobody can have known beforehand."""
    target = f"{run.word('site')}.example.com"
    number = run.random.randint(100, 99999)
    kind = run.random.choice(TYPES)
    return {"id": number, "type": kind, "target": target, "takes": takes}


def event_of(lines: list[Event], sent: Any) -> Event:
    """Return the one line about a task."""
    own = [line for line in lines if str(line["task_id"]) == str(sent["id"])]
    if not own:
        raise NotYet(f"Task {sent['id']} has run, and no line has that `task_id`.")
    if len(own) > 1:
        raise NotYet(
            f"Task {sent['id']} has {len(own)} lines, and each knows a part of it. "
            f"Gather the fields, and write one line when the task is done."
        )
    return own[0]


def look_at(event: Event, sent: Any, timeout: float) -> None:
    """Compare one event with the task that it is about."""
    about = f"the event of task {sent['id']}"
    late = sent["takes"] > timeout
    expect_value(event, "type", sent["type"], about)
    expect_value(event, "target", sent["target"], about)
    expect_value(event, "outcome", "timed out" if late else "processed", about)
    if not late:
        expect_value(event, "entries", 42, about)
    low = min(sent["takes"], timeout) * 1000 - MARGIN
    expect_number(event, "work_dur_ms", low=low, high=low + 4000, about=about)
    least = 2 if late else 0
    expect_number(event, "queue_dur_ms", low=least, high=4000, about=about)


def tells_apart(event: Event, longest: float) -> None:
    """Demand that the waiting is not counted again as work."""
    total = event["queue_dur_ms"] + event["work_dur_ms"]
    if total > longest:
        raise NotYet(
            f"Task {event['task_id']} was there for {longest:.0f} ms at most, and "
            f"`queue_dur_ms` and `work_dur_ms` make {total:.0f} together: some of the "
            f"time is counted in both."
        )
