"""Parse the duration that a line states, in a field or in its text.

    duration("Task timed out after 6.01 seconds", {}, is_end=True)    # 6_010_000_000
    duration("done", {"duration_ms": 250})                            # 250_000_000

Durations are in nanoseconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from tracing_starter_kit.log_reader.model import UNIT as UNIT_FIELD
from tracing_starter_kit.log_reader.model import Value

UNITS = {
    **dict.fromkeys(("ns", "nanosecond"), 1),
    **dict.fromkeys(("us", "µs", "μs", "micro", "microsecond"), 1_000),
    **dict.fromkeys(("ms", "msec", "milli", "millisecond"), 1_000_000),
    **dict.fromkeys(("s", "sec", "second"), 1_000_000_000),
    **dict.fromkeys(("m", "min", "minute"), 60_000_000_000),
    **dict.fromkeys(("h", "hr", "hour"), 3_600_000_000_000),
}
UNIT = "|".join(sorted(UNITS, key=len, reverse=True))
# Celery writes 9.8e-05s, Go 1m2.5s.
DECIMAL = r"\d{1,18}(?:\.\d+)?(?:[eE][+-]?\d{1,3})?"
# `valid for 24 hours`, `retry in 3s`, `waited for 2 s` are durations of something else.
OTHERS = r"expir\w*|valid|cached?|sleep\w*|wait\w*|retr\w*|again|every|next|ttl"
IN_TEXT = re.compile(
    rf"(?P<other>\b(?:{OTHERS}) )?"
    r"\b(?:(?P<only_at_end>in|within|for)|after|took|takes|elapsed|duration|runtime)"
    rf"[ =:]{{1,2}}(?P<text>{DECIMAL} ?(?:{UNIT})s?(?:{DECIMAL}(?:{UNIT}))*)\b",
    re.IGNORECASE,
)
RETRY = re.compile(r"retr(?:y|ying|ied)\b", re.IGNORECASE)
NUMBER = re.compile(rf"{DECIMAL}\Z")
WITH_UNITS = re.compile(rf"{DECIMAL} ?(?:{UNIT})s?(?:{DECIMAL}(?:{UNIT}))*\Z")
PIECES = re.compile(rf"({DECIMAL}) ?({UNIT})")
FIELD = re.compile(
    r"(?:.*[._])?(?P<name>duration|dur|elapsed|took|runtime|latency|request_time"
    r"|response_time|exec_time|time_taken|elapsed_time|total_time|rt)"
    rf"(?:_(?:(?:in_)?(?P<unit>{UNIT}|millis|micros|nanos)s?))?\Z",
    re.IGNORECASE,
)
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Fields with the time of a wait or a limit, not of the run.
NOT_A_RUN = re.compile(r"queue|wait|delay|ttl|timeout|max", re.IGNORECASE)
LONGEST = 366 * 86_400 * 10**9  # ns; a larger number is a mistake, or not a duration


def duration(
    message: str, fields: Mapping[str, Value], *, is_end: bool = False
) -> int | None:
    """Return the duration in nanoseconds, or None if the line states none.

    Args:
        message: Only its first line counts.
        fields: A field such as `duration_ms` takes precedence over the message.
        is_end: Whether the line ends something: only then `in 3 s` is a duration.
    """
    for name, unit in _duration_fields(tuple(fields)):
        stated = unit or str(fields.get(UNIT_FIELD, ""))
        duration_ns = _field_duration(fields[name], stated)
        if duration_ns is not None:
            return duration_ns
    if "\n" in message:
        message = message.partition("\n")[0]
    for match in IN_TEXT.finditer(message):
        if match["other"] or (match["only_at_end"] and not is_end):
            continue
        if RETRY.search(message):
            return None
        return _with_units(match["text"].lower())
    return None


def state_unit(fields: dict[str, Value], unit: str = "") -> None:
    """Add the unit of a number without one: the user's, or else the probable one."""
    for name, own_unit in _duration_fields(tuple(fields)):
        number = None if own_unit else _number(fields[name])
        if number is not None:
            is_nginx = name == "request_time" and isinstance(number, float)
            if unit or not is_nginx:  # an access log's unit is in the field already
                guess = fields.get(UNIT_FIELD) or _usual_unit(number)
                fields[UNIT_FIELD] = unit or guess
            return


@lru_cache(1_000)  # a program's lines have few different sets of names
def _duration_fields(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the fields with a duration, each with its unit."""
    # Rails' lograge writes milliseconds, as fractions, without a unit.
    default = "ms" if {"controller", "action"} <= {*names} else ""
    units = ((name, _unit(name)) for name in names)
    if {"dyno", "service"} <= {*names}:  # Heroku's router
        return [("service", "ms")]
    return [(name, unit or default) for name, unit in units if unit is not None]


def _unit(name: str) -> str | None:
    """Return the unit in a duration field's name, "" for none; None for other names."""
    name = CAPITAL.sub("_", name)  # responseTime
    match = None if NOT_A_RUN.search(name) else FIELD.match(name)
    # pino's responseTime is in milliseconds.
    default = "ms" if name == "response_Time" else ""
    return (match["unit"] or default) if match else None


def _field_duration(value: Value, unit: str) -> int | None:
    number = _number(value)
    if number is None:
        is_text = isinstance(value, str) and WITH_UNITS.match(value)
        return _with_units(str(value)) if is_text else None
    unit = unit.lower().replace("millis", "ms").replace("micros", "us")
    unit = unit.replace("nanos", "ns") or _usual_unit(number)
    return _within(number * UNITS[unit])


def _number(value: Value) -> float | None:
    """Return a value as a number; nginx's and Sidekiq's JSON has it as a text."""
    if isinstance(value, str) and NUMBER.match(value):
        return int(value) if value.isdecimal() else float(value)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and not isinstance(value, str) else None


def _with_units(text: str) -> int | None:
    """Return the sum of 1m2.5s."""
    pieces = PIECES.findall(text)
    return _within(sum(float(number) * UNITS[unit] for number, unit in pieces))


def _usual_unit(value: float) -> str:
    """Return the probable unit of a number without a unit.

    A fraction is in seconds, as in Sidekiq's elapsed=0.5. A whole number is in
    milliseconds, except a large one: Go's slog writes nanoseconds.
    """
    if isinstance(value, float):
        return "s"
    return "ms" if value < 10**6 else "ns"


def _within(nanoseconds: float) -> int | None:
    return round(nanoseconds) if 0 <= nanoseconds <= LONGEST else None
