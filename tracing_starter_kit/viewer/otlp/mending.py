"""The outcome of mending a request: its rejected items and its replaced values.

    mended = Mended(request)
    mended.faults, mended.replaced            # a sentence for each of them

A sender exports many spans in one request. A wrong value in one of them must not lose
the others: the value is replaced, and the attribute MARK of its span, log record,
resource or scope says so.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

MARK = "kit.viewer.replaced_values"
MARKED = {"Span", "LogRecord", "Resource", "InstrumentationScope"}
SHOWN = 100  # characters of a replaced value


@dataclass(kw_only=True)
class Mended:
    """A request that can be stored, and a sentence for each change in it."""

    request: Any
    faults: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)


def replacement(place: str, value: object) -> str:
    """Return the sentence for a replaced value, in ASCII."""
    text = ascii(value)
    return f"{place[:SHOWN]} was {text if len(text) <= SHOWN else text[:SHOWN] + '…'}"
