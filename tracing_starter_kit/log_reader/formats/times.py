"""Parse a time, in the forms that logs use, as Unix nanoseconds.

    clock = Clock(zone=UTC, day=date(2026, 11, 24))
    clock.read("2019-01-25T01:30:23.743Z")         # 1548379823743000000

`zone` is for times without a zone, `day` for times without a date or a year.
"""

from __future__ import annotations

import contextlib
import re
from datetime import date, datetime, tzinfo

from tracing_starter_kit.log_reader.formats.assumed import AssumedDays, AssumedYears
from tracing_starter_kit.log_reader.formats.rare_times import MONTHS, rare_time
from tracing_starter_kit.log_reader.formats.zones import ABBREVIATIONS, zone_of

CLOCK = r"(\d\d):(\d\d):(\d\d)"
ZONE = rf"(?: ?(Z|[+-]\d\d:?\d\d|(?:{ABBREVIATIONS})\b))?"
# 2019-01-25T01:30:23.743Z, 2019-01-25 01:30:23,743, 2019/01/25 01:30:23
YEAR_FIRST = re.compile(
    rf"(\d{{4}}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d)(?:[.,](\d+))?{ZONE}"
)
NUMBERS = re.compile(r"\d+")
# 25/Jan/2019:01:30:23 +0000
DAY_FIRST = re.compile(rf"(\d\d)/(\w{{3}})/(\d{{4}})[: ]{CLOCK}(?:\.(\d+))?{ZONE}")
# Jan 25 01:30:23
NO_YEAR = re.compile(rf"(\w{{3}}) +(\d\d?) {CLOCK}")
# 0125 01:30:23.743000, klog's
KLOG = re.compile(rf"(\d\d)(\d\d) {CLOCK}(?:\.(\d+))?")
# 01:30:23.743
NO_DATE = re.compile(rf"{CLOCK}(?:[.,](\d+))?")
# The parts of a date in a `strptime` format.
DIRECTIVES = re.compile(r"%([A-Za-z])")
YEARS = set("YyGcxs")
DAYS = set("dmbBj")

# The size of a number tells its unit: seconds since 1970 have ten digits.
UNITS = ((1e11, 10**9), (1e14, 10**6), (1e17, 10**3))
MOST = 2**63 - 1  # the limit of backends: the year 2262
CACHED = 10_000
TOLERANCE = 60 * 10**9  # ns: threads write a moment late


class Clock:
    """Parses times; times of the same second, which follow each other, only once."""

    def __init__(
        self,
        *,
        zone: tzinfo | None = None,
        day: date | None = None,
        last_line: datetime | None = None,
        pattern: str | None = None,
    ) -> None:
        """Set the parts that a time may leave out.

        Args:
            zone: The zone of times without one; None is the zone of this machine.
            day: The day of the first time without a date, or in the year of the first
                date without a year; by default the latest that is before `last_line`.
            last_line: The time of the last line, in that zone; by default now.
            pattern: A `strptime` format, tried before all others.
        """
        self.zone = zone
        self.assumed_zone = False  # whether a time had no zone
        self.assumed_day = False  # whether a time had no date, or no year
        last_line = (last_line or datetime.now(zone)).replace(tzinfo=None)
        self._days = AssumedDays(day, last_line)
        self._years = AssumedYears(day, last_line)
        self._pattern = pattern
        self._seconds: dict[tuple[str, str | None], int] = {}
        self._last_ns = 0  # the last local time
        self._is_ambiguous = False

    def read(self, text: str) -> int | None:
        """Return the time in nanoseconds, or None for a text that is not a time."""
        try:
            time_ns = self._read(text)
        except (ValueError, OverflowError, KeyError, OSError):
            return None  # such as the 31st of February
        return time_ns if time_ns is not None and 0 < time_ns <= MOST else None

    def read_number(self, number: float) -> int | None:
        """Return the time of a number of s, ms, µs or ns since 1970."""
        scale = next((scale for most, scale in UNITS if abs(number) < most), 1)
        if isinstance(number, int):
            time_ns = number * scale
        else:
            # A float is precise to microseconds only, for the times of today.
            time_ns = round(number * scale / 1000) * 1000 if number < MOST else 0
        return time_ns if 0 < time_ns <= MOST else None

    def _read(self, text: str) -> int | None:
        if self._pattern:
            with contextlib.suppress(ValueError):
                return self._by_pattern(text, self._pattern)
        if match := YEAR_FIRST.match(text):
            second, fraction, zone = match.groups()
            second_ns = self._seconds.get((second, zone))
            if second_ns is None:
                second_ns = self._at(*map(int, NUMBERS.findall(second)), zone=zone)
                self._cache(second, zone, second_ns)
            return second_ns + _nanoseconds(fraction)
        if match := DAY_FIRST.match(text):
            day, month, year, *moment, fraction, zone = match.groups()
            when = (int(year), MONTHS[month], int(day), *map(int, moment))
            return self._at(*when, zone=zone) + _nanoseconds(fraction)
        return self._with_day(text)

    def _with_day(self, text: str) -> int | None:
        if match := NO_YEAR.match(text):
            month, *numbers = match.groups()
            return self._without_year(MONTHS[month], *map(int, numbers))
        if match := KLOG.match(text):
            *numbers, fraction = match.groups()
            return self._without_year(*map(int, numbers)) + _nanoseconds(fraction)
        if match := NO_DATE.match(text):
            *moment, fraction = match.groups()
            return self._without_date(*map(int, moment)) + _nanoseconds(fraction)
        return self._rare_or_number(text)

    def _rare_or_number(self, text: str) -> int | None:
        if parts := rare_time(text):
            moment, fraction = parts
            return self._at(*moment, zone=None) + _nanoseconds(fraction)
        try:
            return self.read_number(float(text) if "." in text else int(text))
        except ValueError:
            return None

    def _without_year(self, month: int, day: int, *moment: int) -> int:
        self.assumed_day = True
        year = self._years.of(month, day, *moment)
        return self._at(year, month, day, *moment, zone=None)

    def _without_date(self, *moment: int) -> int:
        self.assumed_day = True
        day = self._days.of(*moment)
        return self._at(day.year, day.month, day.day, *moment, zone=None)

    def _by_pattern(self, text: str, pattern: str) -> int:
        names = set(DIRECTIVES.findall(pattern))
        if names & YEARS:
            moment = datetime.strptime(text, pattern)  # noqa: DTZ007 - zone follows
            if moment.tzinfo is None:
                self.assumed_zone = True
                moment = moment.replace(tzinfo=self.zone)
            return int(moment.timestamp()) * 10**9 + moment.microsecond * 1000
        # A leap year, which has a 29th of February.
        moment = datetime.strptime(f"2000 {text}", f"%Y {pattern}")  # noqa: DTZ007
        time = moment.hour, moment.minute, moment.second
        if names & DAYS:
            second_ns = self._without_year(moment.month, moment.day, *time)
        else:
            second_ns = self._without_date(*time)
        return second_ns + moment.microsecond * 1000

    def _at(self, *moment: int, zone: str | None) -> int:
        """Return the nanoseconds of a full second."""
        self.assumed_zone |= zone is None
        year, month, day, hour, minute, second = moment
        info = zone_of(zone) if zone else self.zone
        when = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=info)
        # A leap second, 60, is the first second of the next minute.
        second_ns = (int(when.timestamp()) + (second == 60)) * 10**9
        return second_ns if zone else self._in_order(second_ns, when)

    def _in_order(self, second_ns: int, when: datetime) -> int:
        """Return a local time; in the hour that comes twice, one behind the last."""
        again_ns = int(when.replace(fold=1).timestamp()) * 10**9
        self._is_ambiguous = again_ns > second_ns
        if self._is_ambiguous and second_ns < self._last_ns - TOLERANCE:
            second_ns = again_ns
        self._last_ns = second_ns
        return second_ns

    def _cache(self, second: str, zone: str | None, second_ns: int) -> None:
        if zone is None and self._is_ambiguous:
            return
        if len(self._seconds) >= CACHED:
            self._seconds.clear()
        self._seconds[second, zone] = second_ns


def _nanoseconds(fraction: str | None) -> int:
    return int(fraction[:9].ljust(9, "0")) if fraction else 0
