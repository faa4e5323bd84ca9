"""The day of a time that names none, the year of a date that names none.

    days = AssumedDays(None, written=datetime(2026, 1, 1, 0, 5))
    days.of(23, 59, 59)         # date(2025, 12, 31): not later than the last line
    days.of(0, 0, 1)            # date(2026, 1, 1): midnight has passed

The first one is of the day that was named; or else of the day on which the last line
was written, unless that is later than the last line: then it is of the day before.
From there on the lines themselves lead: where their time runs back by more than half a
day, midnight has passed. So a log that is open for several days begins too late, as
nothing in it says how many, but what lies between two of its lines is right. Years are
the same, with New Year for midnight.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Final

DAY: Final = 86_400  # s
# With 31 days a month, so that New Year is as far from the day before in every year.
YEAR: Final = 12 * 31 * DAY
# Threads write a moment late, and clocks of two machines differ.
LATE: Final = 60
ZONES_APART: Final = timedelta(days=1)


class Turns:
    """Counts how often a clock went round, by the seconds since its last 0."""

    def __init__(self, period: int) -> None:
        self._period = period
        self._last: int | None = None
        self._turns = 0

    def at(self, seconds: int) -> int:
        """Return the turns before a time; -1 where it is from before the first 0.

        Raises:
            ValueError: There is no such time; it must not count as one.
        """
        if seconds > self._period:
            raise ValueError(f"{seconds} s are more than {self._period}")
        ahead = seconds - (seconds if self._last is None else self._last)
        if ahead > self._period - LATE:
            return self._turns - 1  # one that is late, from before the last 0
        if ahead < -self._period / 2:
            self._turns += 1
        self._last = seconds
        return self._turns


class AssumedDays:
    """Knows the day of a time of day."""

    def __init__(self, first: date | None, written: datetime) -> None:
        """Take the day of the first time if it is known, and when the last one was."""
        self._first = first
        self._written = written
        self._turns = Turns(DAY)

    def of(self, hour: int, minute: int, second: int) -> date:
        """Return the day; times must come in the order of their lines."""
        seconds = hour * 3600 + minute * 60 + second
        turns = self._turns.at(seconds)
        if self._first is None:
            self._first = self._not_later(timedelta(seconds=seconds))
        return self._first + timedelta(days=turns)

    def _not_later(self, moment: timedelta) -> date:
        day = self._written.replace(hour=0, minute=0, second=0, microsecond=0)
        later = day + moment > self._written + timedelta(seconds=LATE)
        return (day - timedelta(days=1) if later else day).date()


class AssumedYears:
    """Knows the year of a date."""

    def __init__(self, first: date | None, written: datetime) -> None:
        """Take a day in the year of the first date, and when the last one was."""
        self._first = first.year if first else None
        self._written = written
        self._turns = Turns(YEAR)

    def of(self, month: int, day: int, hour: int, minute: int, second: int) -> int:
        """Return the year; dates must come in the order of their lines."""
        days = (month - 1) * 31 + day - 1
        seconds = days * DAY + hour * 3600 + minute * 60 + second
        turns = self._turns.at(seconds)
        if self._first is None:
            self._first = self._not_later(month, day)
        return _year_with(month, day, self._first + turns)

    def _not_later(self, month: int, day: int) -> int:
        year = self._written.year
        latest = (self._written + ZONES_APART).date()
        later = (year, month, day) > (latest.year, latest.month, latest.day)
        return _year_with(month, day, year - later)


def _year_with(month: int, day: int, year: int) -> int:
    """Return the year, or the last leap year before it for the 29th of February."""
    while (month, day) == (2, 29) and not calendar.isleap(year):
        year -= 1
    return year
