"""Assume the day of a time without a date, and the year of a date without a year.

    days = AssumedDays(None, last_line=datetime(2026, 1, 1, 0, 5))
    days.of(23, 59, 59)         # date(2025, 12, 31): not later than the last line
    days.of(0, 0, 1)            # date(2026, 1, 1): midnight has passed

The first time gets the day from the options. Without it, it gets the latest day on
which it is not later than the file's last change. A time that is more than half a day
earlier than the one before means that midnight has passed. The days of a log of several
days are therefore too late, as nothing tells their number, but the distance between two
lines is right. Years follow the same rules, with New Year for midnight.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

DAY = 86_400  # s
# With 31 days a month, so that the distance to New Year is the same in every year.
YEAR = 12 * 31 * DAY
# Threads write a moment late, and clocks of two machines differ.
TOLERANCE = 60  # s
ZONES_APART = timedelta(days=1)


class Turns:
    """Counts the full turns of a clock, from its successive times in seconds."""

    def __init__(self, period: int) -> None:
        self._period = period
        self._last: int | None = None
        self._turns = 0

    def at(self, seconds: int) -> int:
        """Return the number of turns before a time; -1 if it precedes the first turn.

        Raises:
            ValueError: The time is longer than a turn; it is not counted.
        """
        if seconds > self._period:
            raise ValueError(f"{seconds} s are more than {self._period}")
        ahead = seconds - (seconds if self._last is None else self._last)
        if ahead > self._period - TOLERANCE:
            return self._turns - 1  # a late line, from before the last turn
        if ahead < -self._period / 2:
            self._turns += 1
        self._last = seconds
        return self._turns


class AssumedDays:
    """Assumes the days of times without a date."""

    def __init__(self, first: date | None, last_line: datetime) -> None:
        """Set the day of the first time, if known, and the time of the last line."""
        self._first = first
        self._last_line = last_line
        self._turns = Turns(DAY)

    def of(self, hour: int, minute: int, second: int) -> date:
        """Return the day; times must come in the order of their lines."""
        seconds = hour * 3600 + minute * 60 + second
        turns = self._turns.at(seconds)
        if self._first is None:
            self._first = self._not_later(timedelta(seconds=seconds))
        return self._first + timedelta(days=turns)

    def _not_later(self, moment: timedelta) -> date:
        day = self._last_line.replace(hour=0, minute=0, second=0, microsecond=0)
        is_later = day + moment > self._last_line + timedelta(seconds=TOLERANCE)
        return (day - timedelta(days=1) if is_later else day).date()


class AssumedYears:
    """Assumes the years of dates without a year."""

    def __init__(self, first: date | None, last_line: datetime) -> None:
        """Set a day in the first date's year, if known, and the last line's time."""
        self._first = first.year if first else None
        self._last_line = last_line
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
        year = self._last_line.year
        latest = (self._last_line + ZONES_APART).date()
        is_later = (year, month, day) > (latest.year, latest.month, latest.day)
        return _year_with(month, day, year - is_later)


def _year_with(month: int, day: int, year: int) -> int:
    """Return the year, or for the 29th of February the last leap year before it."""
    while (month, day) == (2, 29) and not calendar.isleap(year):
        year -= 1
    return year
