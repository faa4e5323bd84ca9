"""Servers and libraries that write the time in a form of their own."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.log_reader.reading import only_trace, records_of, tree
from tracing_starter_kit.log_reader.formats.times import Clock

# A name in the table of docs/logs.md, and lines with their time and level.
SAMPLES = {
    "Spark": (
        "26/11/24 08:00:00 INFO oven.Oven: Running task 2.0 in stage 0.0 (TID 9)",
        "2026-11-24T08:00:00+00:00",
        9,
    ),
    "klog": (
        'W1124 08:00:00.250000   17 oven.go:7] "Too hot" oven="2"',
        "2026-11-24T08:00:00.250000+00:00",
        13,
    ),
    "Rich": (
        "[11/24/26 08:00:00] ERROR    no flour                     bake.py:7",
        "2026-11-24T08:00:00+00:00",
        17,
    ),
    "Apache error log": (
        "[Tue Nov 24 08:00:00.500000 2026] [core:error] [pid 17:tid 18] [client ::1:7] "
        "AH00124: no more cakes",
        "2026-11-24T08:00:00.500000+00:00",
        17,
    ),
    "PostgreSQL": (
        "2026-11-24 08:00:00.500 CET [17] baker@cakes FATAL:  no such table",
        "2026-11-24T07:00:00.500000+00:00",
        21,
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_time_and_level_are_read(name: str) -> None:
    line, time, severity = SAMPLES[name]
    (record,) = records_of(f"{line}\n")

    when = datetime.fromtimestamp(record.time_ns / 1e9, UTC)
    assert (record.format, when.isoformat()) == (name, time)
    assert record.severity == severity


def test_a_task_of_spark_is_joined_by_its_tid() -> None:
    log = """\
26/11/24 08:00:00 INFO oven.Oven: Running task 2.0 in stage 0.0 (TID 9)
26/11/24 08:00:03 INFO oven.Oven: Finished task 2.0 in stage 0.0 (TID 9). 7 bytes
"""
    assert tree(only_trace(log)) == ["file1 consumer process task 3.00 s"]


def test_the_steps_of_klogs_trace_belong_to_its_line() -> None:
    log = """\
I1124 08:00:00.000001   17 trace.go:9] Trace[77]: "bake" (total time: 557.294µs):
Trace[77]: [441.259µs] [441.259µs] flour read
Trace[77]: [557.294µs] [116.035µs] END
I1124 08:00:01.000001   17 oven.go:9] "Ready"
"""
    assert [record.lines for record in records_of(log)] == [3, 1]


def test_rich_leaves_a_repeated_time_out() -> None:
    log = """\
[11/24/26 08:00:00] INFO     kneading                     bake.py:7
                    WARNING  sticky                       bake.py:8
                             and wet
[11/24/26 08:00:01] INFO     done                         bake.py:9
"""
    records = records_of(log)

    assert [record.level for record in records] == ["INFO", "WARNING", "INFO"]
    assert records[0].time_ns == records[1].time_ns == records[2].time_ns - 10**9
    assert records[1].lines == 2


def test_a_request_of_uwsgi_is_a_span() -> None:
    log = (
        "[pid: 7|app: 0|req: 1/3] ::1 () {28 vars in 330 bytes} [Tue Nov 24 08:00:02 "
        "2026] POST /cakes => generated 9 bytes in 1501 msecs (HTTP/1.1 500) 2 headers "
        "in 84 bytes (1 switches on core 0)\n"
    )
    trace = only_trace(log)

    assert tree(trace) == ["file1 server POST /cakes ✗ 1.50 s"]
    assert trace.spans[0].end_ns == 1_795_507_202 * 10**9


@pytest.mark.parametrize("zone", ["EDT", "CEST", "MSK", "JST", "GMT"])
def test_an_abbreviation_is_a_zone(zone: str) -> None:
    hours = {"EDT": -4, "CEST": 2, "MSK": 3, "JST": 9, "GMT": 0}[zone]
    clock = Clock(zone=UTC)

    plain = clock.read("2026-07-24 08:00:00.5")
    assert plain is not None
    assert clock.read(f"2026-07-24 08:00:00.5 {zone}") == plain - hours * 3600 * 10**9


def test_the_hour_that_comes_twice_goes_on() -> None:
    log = """\
2026-10-25 02:50:00,000 INFO oven: job_id=night-7 started
2026-10-25 02:49:59,000 INFO oven: job_id=night-7 a late line
2026-10-25 02:10:00,000 INFO oven: job_id=night-7 half way
2026-10-25 02:50:00,000 INFO oven: job_id=night-7 done
"""
    trace = only_trace(log, zone=ZoneInfo("Europe/Berlin"))

    assert tree(trace) == ["file1 consumer process job 1.00 h"]
    assert trace.skew_ns < 2 * 10**9


def test_a_log_that_begins_in_the_first_of_the_two_hours_stays_in_it() -> None:
    clock = Clock(zone=ZoneInfo("Europe/Berlin"), day=date(2026, 10, 25))

    first, second = map(clock.read, ("2026-10-25 02:10:00", "2026-10-25 02:50:00"))
    assert first is not None
    assert second is not None
    assert second - first == 40 * 60 * 10**9


def test_an_exception_of_java_may_have_no_trace() -> None:
    log = """\
2026-11-24 08:00:00.130  WARN no oven

java.lang.NumberFormatException: For input string: "two"
"""
    (record,) = records_of(log)

    assert record.fields["exception.type"] == "java.lang.NumberFormatException"
