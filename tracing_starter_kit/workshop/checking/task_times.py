"""Tasks for a service that works on one at a time: each waits for those in front of it.

    for told in send_in_turn(tasks, [short, late], timeout):
        told.sent, told.waited, told.there

Both durations hold on a slow machine, too: they are bounds, from what the check did.
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


@dataclass(frozen=True)
class TaskTimes:
    """What the check knows of one task.

    Attributes:
        sent: The task.
        waited: The least that it waited in the queue, in milliseconds.
        worked: The least that it was worked on.
        there: The most that both can be together.
    """

    sent: Mapping[str, Any]
    waited: float
    worked: float
    there: float


def send_in_turn(
    web: WebService, tasks: Sequence[Mapping[str, Any]], timeout: float
) -> list[TaskTimes]:
    """Send tasks one behind the other, and return once all of them are done."""
    work = [min(task["takes"], timeout) for task in tasks]
    begun, queued = [], []
    for task in tasks:
        begun.append(time.monotonic())
        web.post("/tasks", task, status=202)
        queued.append(time.monotonic())
    web.wait_until_idle()
    idle = time.monotonic()
    return [
        TaskTimes(
            task,
            waited=1000 * max(begun[0] + sum(work[:n]) - queued[n], 0),
            worked=1000 * work[n],
            there=1000 * (idle - sum(work[n + 1 :]) - begun[n]),
        )
        for n, task in enumerate(tasks)
    ]


def expect_wait_and_work(event: Event, told: TaskTimes, work: str, about: str) -> None:
    """Demand `queue_dur_ms` and a field for the work, with no time counted in both.

    Raises:
        CheckFailed: One is missing or another time, or they overlap.
    """
    there = told.there + MARGIN
    wait = "queue_dur_ms"
    for key, least in ((wait, told.waited), (work, told.worked)):
        expect_number(event, key, low=max(least - MARGIN, 0), high=there, about=about)
    total = event[wait] + event[work]
    if total > there:
        raise CheckFailed(
            f"Task {told.sent['id']} was there for {there:.0f} ms at most, and "
            f"`{wait}` and `{work}` make {total:.0f} together: some of the time is "
            f"counted in both."
        )
