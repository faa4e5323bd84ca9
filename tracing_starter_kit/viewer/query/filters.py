"""Search filters, and parsers for their text forms: durations, times, words.

    Filters(service="billing", min_duration_ns=parse_duration("minDuration", "1.5s"))

All conditions of a Filters must hold on the same span. A parser that cannot read a text
raises BadParameterError, with the parameter, the value and the expected form.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

MICROSECOND, MILLISECOND, SECOND = 1_000, 1_000_000, 1_000_000_000
UNITS = {
    "ns": 1,
    "us": MICROSECOND,
    "µs": MICROSECOND,  # the micro sign, and below it the Greek letter
    "μs": MICROSECOND,
    "ms": MILLISECOND,
    "s": SECOND,
    "m": 60 * SECOND,
    "h": 3600 * SECOND,
}
INT64_MAX = 2**63 - 1
MAX_LIMIT = 1500

_QUANTITY = re.compile(r"(\d{1,19}(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)", re.A)
_EPOCH = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?", re.A)
_RFC3339 = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:[.,](\d{1,30}))?([Zz]|[+ -]\d\d:\d\d)",
    re.A,
)
_QUOTED = r'"((?:[^"\\]|\\.|\\\Z)*)(?:"|\Z)'
_WORD = re.compile(rf'(?:[^\s"]|{_QUOTED})+', re.DOTALL)
_QUOTES = re.compile(_QUOTED, re.DOTALL)
_ESCAPED = re.compile(r'\\(["\\])')
# In a token such as https://shop/orders?customer=5 the = is part of a text.
_URL = re.compile(r"^/|://|[?&]")


class BadParameterError(ValueError):
    """A request parameter has a value that cannot be read."""

    def __init__(self, name: str, problem: str) -> None:
        super().__init__(f"{name}: {problem}")
        self.name = name
        self.problem = problem


@dataclass(frozen=True, kw_only=True, slots=True)
class Filters:
    """The conditions that one span of a trace must meet for the trace to match."""

    service: str = ""
    operation: str = ""
    attributes: tuple[tuple[str, str], ...] = ()
    words: tuple[str, ...] = ()
    errors: bool = False
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    start_ns: int | None = None  # inclusive
    end_ns: int | None = None  # exclusive
    limit: int = 100


def parse_duration(name: str, text: str) -> int:
    """Read nanoseconds from Go's notation: 1.5s, 100ms, 1m30s."""
    unsigned = text.removeprefix("+")
    quantities = list(_QUANTITY.finditer(unsigned))
    if "".join(quantity[0] for quantity in quantities) != unsigned or not unsigned:
        if unsigned == "0":
            return 0
        raise BadParameterError(
            name, f"{text!r} is not a duration such as 100ms or 1.5s"
        )
    total = int(sum(Decimal(q[1]) * UNITS[q[2]] for q in quantities))
    if total > INT64_MAX:
        raise BadParameterError(name, f"{text!r} is longer than 292 years")
    return total


def parse_epoch(name: str, text: str, *, unit: int) -> int:
    """Read Unix nanoseconds from a number; `unit` is the nanoseconds of one unit."""
    if not _EPOCH.fullmatch(text):
        raise BadParameterError(name, f"{text!r} is not a Unix time as a plain number")
    return _clamp(int(Decimal(text) * unit))


def parse_rfc3339(name: str, text: str) -> int:
    """Read Unix nanoseconds from RFC 3339, with up to nine digits of a second.

    A space counts as a plus: a URL turns one into the other.
    """
    problem = f"{text!r} is not a time such as 2026-01-31T12:00:00.5Z"
    match = _RFC3339.fullmatch(text)
    if not match:
        raise BadParameterError(name, problem)
    date, time, fraction, zone = match.groups()
    offset = "+00:00" if zone in "Zz" else zone.replace(" ", "+")
    try:
        moment = datetime.fromisoformat(f"{date}T{time}{offset}")
    except ValueError as error:
        raise BadParameterError(name, f"{problem}: {error}") from None
    seconds = int(moment.timestamp())
    return _clamp(seconds * SECOND + int((fraction or "0").ljust(9, "0")[:9]))


def parse_limit(name: str, text: str) -> int:
    """Read the number of traces to return; a larger one counts as MAX_LIMIT."""
    if not re.fullmatch(r"\d{1,18}", text, re.A) or not int(text):
        raise BadParameterError(name, f"{text!r} is not a positive number")
    return min(int(text), MAX_LIMIT)


def parse_words(text: str) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    r"""Split free text into words and `key=value` attributes.

    Double quotes hold words with spaces: "card declined", shop.plan="big team". Inside
    them \" is a quote and \\ a backslash. An address with a = in it is a word.
    """
    words: list[str] = []
    attributes: list[tuple[str, str]] = []
    for token in (match[0] for match in _WORD.finditer(text)):
        key, equals, value = token.partition("=")
        if equals and key and '"' not in key and not _URL.search(key):
            attributes.append((key, _unquote(value)))
        elif word := _unquote(token):
            words.append(word)
    return tuple(words), tuple(attributes)


def _unquote(text: str) -> str:
    return _QUOTES.sub(lambda quoted: _ESCAPED.sub(r"\1", quoted[1]), text)


def check_order(
    low_name: str, low: int | None, high_name: str, high: int | None
) -> None:
    """Raise BadParameterError if the lower bound is above the upper bound."""
    if low is not None and high is not None and low > high:
        raise BadParameterError(high_name, f"must not be less than {low_name}")


def _clamp(nanoseconds: int) -> int:
    return max(-INT64_MAX, min(INT64_MAX, nanoseconds))
