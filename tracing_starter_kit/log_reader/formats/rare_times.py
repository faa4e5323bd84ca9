"""Parse times that few programs write: with two digits for the year, or at its end.

rare_time("24/06/09 20:10:40")             # (2024, 6, 9, 20, 10, 40), ""
rare_time("Tue Mar  4 12:01:02.5 2025")    # (2025, 3, 4, 12, 1, 2), "5"
"""

from __future__ import annotations

import re

MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8,
    "Sep": 9, "Oct": 10, "Nov": 11, "Dec": 12,
}  # fmt: skip
CLOCK = r"(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?"
# Spark's, and in a bracket that of Python's %x, as Rich writes it: the month first.
TWO_DIGITS = re.compile(rf"(\[?)(\d\d)/(\d\d)/(\d\d) {CLOCK}")
# The C library's ctime(): uWSGI, Apache's error log.
YEAR_LAST = re.compile(rf"[A-Z][a-z]{{2}} ([A-Z][a-z]{{2}}) +(\d\d?) {CLOCK} (\d{{4}})")


def rare_time(text: str) -> tuple[tuple[int, ...], str] | None:
    """Return the parts of a time to the second, and the fraction's digits."""
    if match := TWO_DIGITS.match(text):
        bracket, *parts, fraction = match.groups()
        first, second, third, *clock = map(int, parts)
        date = (third, first, second) if bracket else (first, second, third)
        return (2000 + date[0], *date[1:], *clock), fraction or ""
    if match := YEAR_LAST.match(text):
        month, day, *clock_texts, fraction, year = match.groups()
        return (
            (int(year), MONTHS[month], int(day), *map(int, clock_texts)),
            fraction or "",
        )
    return None
