"""A failing collector does not slow a service down, and spans flow again after it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from tests.instrumentation.processes import REFUSED, seconds_from_ending_to_end
from tests.instrumentation.receiver import Mood
from tests.long.dead_collector.moody import MOODS, PATIENCE, Moody
from tests.long.dead_collector.service import Service

QUEUE = 2048  # spans, the SDK's own size
SPANS = 5  # of a request


@pytest.fixture
def collector() -> Iterator[Moody]:
    with Moody() as running:
        yield running


@pytest.fixture
def service(collector: Moody, tmp_path: Path) -> Iterator[Service]:
    with Service(collector.endpoint, tmp_path / "log") as running:
        yield running


@pytest.mark.parametrize("mood", MOODS)
def test_requests_take_as_long_as_with_a_collector(
    collector: Moody, service: Service, mood: Mood
) -> None:
    durations: dict[Mood, list[float]] = {"accepts": [], mood: []}
    service.run(500)  # 2500 spans: to warm up, and more than the queue holds
    for current in [*durations] * 10:
        collector.mood = current
        durations[current].append(service.run(100))
    good, bad = (statistics.median(durations[name]) for name in ("accepts", mood))

    print(f"{mood}: {bad / good:.3f} of the time with a collector that accepts")
    assert bad / good < 1.3  # the goal is 1.05, on a machine with nothing else to do
    assert service.log.read_text().count("LOGGED") <= 1


@pytest.mark.parametrize("mood", MOODS)
def test_memory_is_bounded_and_spans_flow_again_once_it_is_back(
    collector: Moody, service: Service, mood: Mood
) -> None:
    service.run(10)
    collector.wait_for(10 * SPANS)
    collector.mood = mood
    service.run(2 * QUEUE // SPANS)
    full = service.run("rss")
    service.run(6 * QUEUE // SPANS)
    grown = service.run("rss") - full
    before, collector.mood = len(collector.spans), "accepts"
    back = time.monotonic()
    collector.wait_for(before + 1, timeout=30)
    seconds = time.monotonic() - back

    print(f"{mood}: {grown / 2**20:.1f} MiB more, flows again after {seconds:.1f} s")
    assert grown < 16 * 2**20
    assert seconds < 8  # the goal is 5, and a busy machine's scheduler
    assert service.log.read_text().count("LOGGED") <= 1


@pytest.mark.parametrize("mood", ["refused", *MOODS])
def test_a_full_queue_does_not_hold_up_the_end(
    collector: Moody, mood: Mood | Literal["refused"]
) -> None:
    endpoint = REFUSED if mood == "refused" else collector.endpoint
    if mood != "refused":
        collector.mood = mood
    waits, output = [], ""
    for _ in range(3):  # a busy machine can only make it later
        _, output = seconds_from_ending_to_end("5000", endpoint=endpoint)
        waits.append(float(output.partition("waited ")[2].split()[0]))
        if waits[-1] <= 2.5:
            break

    print(f"{mood}: the end took {waits[-1]:.2f} s")
    assert waits[-1] <= 2.5  # the SDK's own takes up to 30
    assert output.count("LOGGED") <= 1, output


def test_a_retry_after_is_respected(collector: Moody, service: Service) -> None:
    collector.mood = "asks for patience"
    service.run(1)
    time.sleep(2 * PATIENCE + 2)  # twice the Retry-After

    first, second, *_ = collector.retry_requests
    assert PATIENCE - 0.1 < second - first < PATIENCE + 1.5
    assert len(collector.retry_requests) <= 3


def test_a_restart_of_the_collector_loses_no_span(
    collector: Moody, service: Service
) -> None:
    collector.mood = "unavailable"
    service.run(100)
    time.sleep(3)  # the outage, for a few attempts
    collector.mood = "accepts"
    collector.wait_for(100 * SPANS, timeout=30)

    assert len({span.span_id for span in collector.spans}) == 100 * SPANS
