"""How long something took, as a line says it: in a field, or in its text.

duration("Task timed out after 6.01 seconds", {}, ended=True)    # 6_010_000_000
duration("done", {"duration_ms": 250})                           # 250_000_000
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final

from tracing_starter_kit.log_reader.model import Value

UNITS: Final = {
    **dict.fromkeys(("ns", "nanosecond"), 1),
    **dict.fromkeys(("us", "µs", "μs", "microsecond"), 1_000),
    **dict.fromkeys(("ms", "msec", "millisecond"), 1_000_000),
    **dict.fromkeys(("s", "sec", "second"), 1_000_000_000),
    **dict.fromkeys(("m", "min", "minute"), 60_000_000_000),
    **dict.fromkeys(("h", "hr", "hour"), 3_600_000_000_000),
}
UNIT: Final = "|".join(sorted(UNITS, key=len, reverse=True))
# `valid for 24 hours`, `retry in 3s`, `waited for 2 s`: times of something else.
OTHERS: Final = r"expir\w*|valid|cached?|sleep\w*|wait\w*|retr\w*|again|every|next|ttl"
SAID: Final = re.compile(
    rf"(?P<other>\b(?:{OTHERS}) )?"
    r"\b(?:(?P<only_at_end>in|within|for)|after|took|takes|elapsed|duration|runtime)"
    rf"[ =:]{{1,2}}(?P<number>\d{{1,9}}(?:\.\d+)?) ?(?P<unit>{UNIT})s?\b",
    re.IGNORECASE,
)
RETRY: Final = re.compile(r"retr(?:y|ying|ied)\b", re.IGNORECASE)
NUMBER: Final = re.compile(r"\d{1,9}(?:\.\d+)?\Z")
WITH_UNIT: Final = re.compile(rf"(\d{{1,9}}(?:\.\d+)?) ?({UNIT})s?\Z")
FIELD: Final = re.compile(
    r"(?:.*[._])?(?P<name>duration|dur|elapsed|took|runtime|latency|request_time"
    r"|response_time|exec_time|time_taken|elapsed_time|total_time|rt)"
    rf"(?:_(?:(?:in_)?(?P<unit>{UNIT}|millis|micros|nanos)s?))?\Z",
    re.IGNORECASE,
)
CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
# How long it waited says nothing of how long it ran.
WAITED: Final = re.compile(r"queue|wait|delay|ttl|timeout|max", re.IGNORECASE)
LONGEST: Final = 366 * 86_400 * 10**9  # ns; more is a mistake, or another number


def duration(
    message: str, fields: Mapping[str, Value], *, ended: bool = False
) -> int | None:
    """Return how long it took, in nanoseconds, where the line says so.

    Args:
        message: The first line of it counts.
        fields: Those with a name such as `duration_ms` come before the message.
        ended: Whether the line ends something: only then `in 3 s` is how long it took.
    """
    for name, unit in _durations(tuple(fields)):
        found = _field_duration(fields[name], unit)
        if found is not None:
            return found
    if "\n" in message:
        message = message.partition("\n")[0]
    for match in SAID.finditer(message):
        if match["other"] or (match["only_at_end"] and not ended):
            continue
        if RETRY.search(message):
            return None
        return _within(float(match["number"]) * UNITS[match["unit"].lower()])
    return None


@lru_cache(1_000)  # the lines of a program have the same few sets of names
def _durations(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields that tell a duration, each with its unit."""
    # Rails' lograge writes milliseconds, as fractions, and no unit.
    without = "ms" if {"controller", "action"} <= {*names} else ""
    units = ((name, _unit(name)) for name in names)
    return [(name, unit or without) for name, unit in units if unit is not None]


def _unit(name: str) -> str | None:
    """Return the unit of a field that tells a duration, "" if it has none."""
    name = CAPITAL.sub("_", name)  # responseTime
    match = None if WAITED.search(name) else FIELD.match(name)
    return (match["unit"] or "") if match else None


def _field_duration(value: Value, unit: str) -> int | None:
    if isinstance(value, str) and NUMBER.match(value):  # nginx's and Sidekiq's JSON
        value = float(value) if "." in value else int(value)
    elif isinstance(value, str):
        match = WITH_UNIT.match(value)
        return _within(float(match[1]) * UNITS[match[2]]) if match else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    unit = unit.lower().replace("millis", "ms").replace("micros", "us")
    scale = UNITS.get(unit.replace("nanos", "ns"))
    return _within(value * (scale or _usual_scale(value)))


def _usual_scale(value: float) -> int:
    """Return the nanoseconds of a number without a unit, by how it is written.

    A fraction means seconds, as in Sidekiq's elapsed=0.5; whole numbers are
    milliseconds, but for Go's slog, which writes nanoseconds: those are large.
    """
    if isinstance(value, float):
        return 10**9
    return 10**6 if value < 10**6 else 1


def _within(nanoseconds: float) -> int | None:
    return round(nanoseconds) if 0 <= nanoseconds <= LONGEST else None
