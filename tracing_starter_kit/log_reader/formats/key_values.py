"""Fields in a text: `key=value`, quoted values, numbers with their noun.

key_values('sold plan=pro amount="12 EUR"')     # {"plan": "pro", "amount": "12 EUR"}
counts("returning 42 entries")                  # {"entries": 42}
"""

from __future__ import annotations

import re
from typing import Final

from tracing_starter_kit.log_reader.model import Value

PAIR: Final = re.compile(
    r"""(?<![\w.?&/=-])@?([A-Za-z_][\w.-]{0,63})="""
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;)\]}"']+)"""
)
# A count of things; not a time, and not the number inside a word.
COUNT: Final = re.compile(r"(?<![\w.=:/-])(\d{1,15}) ([a-z]{2,30}s)\b(?![=\w])")
NO_THINGS: Final = re.compile(
    r"(?:(?:nano|micro|milli)?second|minute|hour|day|week|month|year|sec|min|m|u|n)s\Z"
)
NUMBER: Final = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?\Z")
WORDS: Final[dict[str, bool]] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
}


def key_values(text: str) -> dict[str, Value]:
    """Return the pairs of a text in their order; of a key that is there twice, one."""
    if "=" not in text:
        return {}
    return {key: typed(value) for key, value in PAIR.findall(text)}


def counts(text: str) -> dict[str, Value]:
    """Return how many of what the text says, by the noun in the plural."""
    return {
        noun: int(number)
        for number, noun in COUNT.findall(text)
        if not NO_THINGS.match(noun)
    }


def typed(text: str) -> Value:
    """Return a quoted text without its quotes, and what is a number as a number."""
    if text[0] in "\"'":
        return text[1:-1].replace('\\"', '"').replace("\\'", "'")
    if NUMBER.match(text):
        return float(text) if "." in text else int(text)
    return WORDS.get(text, text)
