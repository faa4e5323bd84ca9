"""A number behind a noun may count something else later: no span joins the two."""

from __future__ import annotations

import json
import random

from tests.log_reader.reading import Changes, traces_of
from tracing_starter_kit.log_reader.model import Trace

HOUR = 3600 * 10**9  # ns


def spans_of(*contents: str, **changes: object) -> list[tuple[str, float]]:
    """Return the name and the seconds of each span."""
    options: Changes = {"ids": changes.get("ids", ())}  # type: ignore[typeddict-item]
    traces = traces_of(*contents, **options)
    spans = [span for trace in traces for span in trace.spans]
    return [(span.name, (span.end_ns - span.start_ns) / 1e9) for span in spans]


def test_a_position_is_not_an_id() -> None:
    log = """\
2026-11-24 01:00:00,000 INFO shop.bake: kneading task 3 of 9
2026-11-24 01:00:05,000 INFO shop.bake: mail: message 3/9
2026-11-24 01:00:07,000 INFO shop.bake: mail: message 3/9
2026-11-24 01:00:09,000 INFO shop.bake: kneading task 3 of 9
"""
    assert spans_of(log) == []


def test_a_status_is_not_an_id() -> None:
    log = """\
2026-11-24 01:00:00,000 WARNING shop.web: request 404 for /cakes
2026-11-24 01:00:09,000 WARNING shop.web: request 404 for /pies
"""
    assert spans_of(log) == []


def test_a_number_that_comes_back_after_a_day_is_another_task() -> None:
    log = """\
2026-11-23 01:00:00,000 INFO shop.bake: task 7 started
2026-11-24 01:00:00,000 INFO shop.bake: task 7 started
2026-11-24 01:00:02,000 INFO shop.bake: task 7 finished
"""
    assert sorted(spans_of(log)) == [("process task", 0.0), ("process task", 2.0)]
    assert max(seconds for _, seconds in spans_of(log, ids=["task_id"])) == 86_402


def test_a_task_of_some_hours_is_still_one_span() -> None:
    log = """\
2026-11-24 01:00:00,000 INFO shop.bake: task 7 started
2026-11-24 04:00:00,000 INFO shop.bake: task 7 finished
"""
    assert spans_of(log) == [("process task", 10_800.0)]


def test_a_number_that_starts_again_after_its_end_is_another_task() -> None:
    log = """\
2026-11-24 01:00:00,000 INFO shop.bake: task 7 started
2026-11-24 01:00:02,000 INFO shop.bake: task 7 finished
2026-11-24 01:05:00,000 INFO shop.bake: task 7 started
2026-11-24 01:05:03,000 INFO shop.bake: task 7 finished
"""
    assert spans_of(log) == [("process task", 2.0), ("process task", 3.0)]


def test_another_attempt_after_a_failure_is_the_same_task() -> None:
    log = """\
2026-11-24 01:00:00,000 INFO shop.bake: task 7 started
2026-11-24 01:00:02,000 INFO shop.bake: task 7 failed
2026-11-24 01:00:05,000 INFO shop.bake: task 7 started
2026-11-24 01:00:09,000 INFO shop.bake: task 7 finished
"""
    (trace,) = [trace for trace in traces_of(log) if trace.spans]
    assert len(trace.records) == 4


def pino(at: int, pid: int, *, took: int | None = None) -> str:
    request = {"id": 1, "method": "GET", "url": "/cakes"}
    line = {"level": 30, "time": 1_795_507_200_000 + at, "pid": pid, "hostname": "w"}
    answer = {"res": {"statusCode": 200}, "responseTime": took} if took else {}
    return json.dumps(line | {"req": request} | answer | {"msg": "cake"}) + "\n"


def test_each_process_counts_its_own_requests() -> None:
    log = pino(0, 20) + pino(5, 21) + pino(30, 20, took=30) + pino(40, 21, took=35)

    assert spans_of(log) == [("GET /cakes", 0.03), ("GET /cakes", 0.035)]


def test_two_whole_requests_of_one_number_are_two_spans() -> None:
    log = pino(10, 20, took=10) + pino(900, 20, took=7)

    assert spans_of(log) == [("GET /cakes", 0.01), ("GET /cakes", 0.007)]


def test_colliding_counters_of_ten_thousand_lines_make_no_wrong_span() -> None:
    choice = random.Random(7)
    texts = ["task {} of 40", "task {} started", "task {} finished", "job {} is next"]
    at, lines = 0, []
    for night in range(20):
        for number in range(1, 126):
            for text in choice.sample(texts, 4):
                at += 1
                when = f"2026-06-{night + 1:02} 01:{at // 60 % 60:02}:{at % 60:02},000"
                lines.append(f"{when} INFO shop.bake: {text.format(number)}\n")
        at = 0
    assert len(lines) == 10_000

    traces = [trace for trace in traces_of("".join(lines)) if trace.spans]
    assert traces
    assert not [trace for trace in traces if _seconds(trace) > 60]


def _seconds(trace: Trace) -> float:
    times = [time for span in trace.spans for time in (span.start_ns, span.end_ns)]
    return (max(times) - min(times)) / 1e9
