"""Times without a day, a year or a zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from tests.log_reader.reading import only_trace, records_of, traces_of
from tracing_starter_kit.log_reader.formats.times import Clock

HOUR = 3600 * 10**9
LAST_LINE = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)


def read(*times: str, day: date | None = None, pattern: str | None = None) -> list[str]:
    """Return the times in UTC as a clock reads them, in their order."""
    clock = Clock(zone=UTC, last_line=LAST_LINE, day=day, pattern=pattern)
    return [
        "none" if ns is None else f"{datetime.fromtimestamp(ns / 1e9, UTC):%F %T}"
        for ns in map(clock.read, times)
    ]


def test_a_task_that_goes_over_midnight_has_its_duration() -> None:
    log = (
        "23:59:59.900 [main] INFO a.B - task=7 started\n"
        "00:00:00.100 [main] INFO a.B - task=7 done\n"
    )

    for day in (date(2026, 11, 24), None):
        trace = only_trace(log, day=day)
        (span,) = [span for span in trace.spans if span.name.startswith("process")]
        assert span.end_ns - span.start_ns == 200_000_000
        assert trace.skew_ns == 0


def test_a_time_after_the_last_line_is_of_the_day_before() -> None:
    assert read("23:59:59", "00:00:01", "00:04:59") == [
        "2025-12-31 23:59:59",
        "2026-01-01 00:00:01",
        "2026-01-01 00:04:59",
    ]


def test_a_day_that_is_named_is_that_of_the_first_line() -> None:
    times = read("22:00:00", "01:00:00", "22:00:00", "01:00:00", day=date(2026, 5, 1))

    assert [time[:10] for time in times] == [
        "2026-05-01",
        "2026-05-02",
        "2026-05-02",
        "2026-05-03",
    ]


def test_a_line_that_is_late_at_midnight_is_of_the_day_before() -> None:
    late = read("00:00:00", "23:59:59", "00:00:01", "23:59:58", "00:00:02")

    assert late == [
        "2026-01-01 00:00:00",
        "2025-12-31 23:59:59",
        "2026-01-01 00:00:01",
        "2025-12-31 23:59:58",
        "2026-01-01 00:00:02",
    ]


def test_a_clock_that_runs_back_by_an_hour_stays_in_its_day() -> None:
    assert read("00:04:00", "00:03:59", day=date(2026, 5, 1)) == [
        "2026-05-01 00:04:00",
        "2026-05-01 00:03:59",
    ]


def test_an_invalid_time_of_day_does_not_begin_another_day() -> None:
    assert read("99:99:99", "00:01:00", "24:30:00", "00:02:00") == [
        "none",
        "2026-01-01 00:01:00",
        "none",
        "2026-01-01 00:02:00",
    ]


def test_syslog_goes_over_new_year() -> None:
    assert read("Dec 31 23:59:59", "Jan  1 00:00:01", "Dec 31 23:59:59") == [
        "2025-12-31 23:59:59",
        "2026-01-01 00:00:01",
        "2025-12-31 23:59:59",
    ]


def test_a_date_after_the_last_line_is_of_the_year_before() -> None:
    """The file of these tests was last written on the 14th of November 2023."""
    trace, *_ = traces_of(
        "Dec 31 23:59:59 box shop[7]: started task=7\n"
        "Jan  1 00:00:01 box shop[7]: done task=7\n",
        day=None,
    )

    (span, *_) = trace.spans
    assert datetime.fromtimestamp(span.start_ns / 1e9, UTC).year == 2022
    assert (span.end_ns - span.start_ns, trace.skew_ns) == (2 * 10**9, 0)


def test_a_year_that_is_named_is_that_of_the_first_line() -> None:
    assert read("Nov 30 00:00:00", "Jan 15 00:00:00", day=date(2019, 7, 1)) == [
        "2019-11-30 00:00:00",
        "2020-01-15 00:00:00",
    ]


def test_a_29th_of_february_is_of_the_last_leap_year() -> None:
    assert read("Feb 29 12:00:00", "Mar  1 00:00:00") == [
        "2024-02-29 12:00:00",
        "2024-03-01 00:00:00",
    ]


@pytest.fixture
def in_new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make New York the zone of this machine."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", "America/New_York")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_new_york")
def test_the_day_of_the_file_is_that_of_the_zone_in_which_times_are_read() -> None:
    """It was written at 22:13 UTC, which is 17:13 there: 18:00 was the day before."""
    (record,) = records_of("18:00:00 [main] INFO a.B - x\n", day=None, zone=None)
    (in_utc,) = records_of("18:00:00 [main] INFO a.B - x\n", day=None)

    written = 1_700_000_000 * 10**9
    assert 0 < written - record.time_ns < 24 * HOUR
    assert 0 < written - in_utc.time_ns < 5 * HOUR


def test_if_the_user_s_format_does_not_fit_the_usual_ones_are_tried() -> None:
    assert read(
        "24.11.2025 08:00", "2025-11-24T08:00:01Z", pattern="%d.%m.%Y %H:%M"
    ) == [
        "2025-11-24 08:00:00",
        "2025-11-24 08:00:01",
    ]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("%H.%M.%S", "00.01.02", "2026-01-01 00:01:02"),
        ("%H.%M.%S.%f", "23.59.59.5", "2025-12-31 23:59:59"),
        ("%d.%m. %H:%M", "31.12. 08:00", "2025-12-31 08:00:00"),
        ("%d.%m. %H:%M", "29.02. 08:00", "2024-02-29 08:00:00"),
    ],
)
def test_a_format_without_day_or_year_assumes_them_as_other_times_do(
    pattern: str, text: str, expected: str
) -> None:
    assert read(text, pattern=pattern) == [expected]
