"""Bounds for the waiting and working time of tasks, in a service with one worker.

    for times in send_in_turn(service, tasks, timeout):
        expect_wait_and_work(event, times, "work_dur_ms", "the event of task 72")

Each task waits for those before it. The bounds follow from the check's own clock, so
they also hold on a slow machine.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracing_starter_kit.workshop.checking.events import Event, expect_number
from tracing_starter_kit.workshop.checking.sentences import CheckFailed
from tracing_starter_kit.workshop.checking.web_service import WebService

MARGIN = 5  # ms: durations are rounded, and a sleep and a clock need not agree
WAIT = "queue_dur_ms"


@dataclass(frozen=True)
class TaskTimes:
    """A task, with bounds for its times in milliseconds.

    Attributes:
        task: The body of its request.
        min_wait: The least time that it waited in the queue.
        min_work: The least time that the worker spent on it.
        max_total: The longest that both can be together.
    """

    task: Mapping[str, Any]
    min_wait: float
    min_work: float
    max_total: float


def send_in_turn(
    service: WebService, tasks: Sequence[Mapping[str, Any]], timeout: float
) -> list[TaskTimes]:
    """Send tasks one after the other, and return once all of them have ended."""
    work = [min(task["takes"], timeout) for task in tasks]
    begun, queued = [], []
    for task in tasks:
        begun.append(time.monotonic())
        service.post("/tasks", task, status=202)
        queued.append(time.monotonic())
    service.wait_until_idle()
    idle = time.monotonic()
    all_times = [
        TaskTimes(
            task,
            min_wait=1000 * max(begun[0] + sum(work[:n]) - queued[n], 0),
            min_work=1000 * work[n],
            max_total=1000 * (idle - sum(work[n + 1 :]) - begun[n]),
        )
        for n, task in enumerate(tasks)
    ]
    for times in all_times:
        _expect_possible(times)
    return all_times


def _expect_possible(times: TaskTimes) -> None:
    """Expect that the program took as long as its tasks take."""
    least = times.min_wait + times.min_work
    if times.max_total < least - 2 * MARGIN:
        raise CheckFailed(
            f"Task {times.task['id']} was done {max(times.max_total, 0):.0f} ms after "
            f"it was sent; expected {least:.0f} ms at least: {times.min_wait:.0f} ms "
            f"behind other tasks, and {times.min_work:.0f} ms of work. Does the "
            f"program still call `fetch`, for one task after the other, and is a task "
            f"open in `/health` until its end?"
        )


def expect_wait_and_work(
    event: Event, times: TaskTimes, work: str, subject: str
) -> None:
    """Expect `queue_dur_ms` and a field for the work, with no time counted in both.

    Raises:
        CheckFailed: A field is missing or out of bounds, or the times overlap.
    """
    longest = times.max_total + MARGIN
    for key, shortest in ((WAIT, times.min_wait), (work, times.min_work)):
        low = max(shortest - MARGIN, 0)
        expect_number(event, key, low=low, high=longest, subject=subject)
    total = event[WAIT] + event[work]
    if total > longest:
        raise CheckFailed(
            f"In {subject}, `{WAIT}` and `{work}` add up to {total:.0f} ms, but the "
            f"task took {longest:.0f} ms at most: some of the time is counted in both."
        )
