"""Parse the fields in a text: `key=value`, quoted values, numbers with their noun.

    key_values('sold plan=pro amount="12 EUR"')  # {"plan": "pro", "amount": "12 EUR"}
    counts("returning 42 entries")               # {"entries": 42}

A value becomes a number or a boolean if it is written as one.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.model import Value

PAIR = re.compile(
    r"""(?<![\w.?&/=-])@?([A-Za-z_][\w.-]{0,63})="""
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[^\s,;)\]}"']+)"""
)
# A count of things; neither a time nor a number inside a word.
COUNT = re.compile(r"(?<![\w.=:/-])(\d{1,15}) ([a-z]{2,30}s)\b(?![=\w])")
NO_THINGS = re.compile(
    r"(?:(?:nano|micro|milli)?second|minute|hour|day|week|month|year|sec|min|m|u|n)s\Z"
)
NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,17})?\Z")
WORDS: dict[str, bool] = {
    "true": True,
    "True": True,
    "false": False,
    "False": False,
}


def key_values(text: str) -> dict[str, Value]:
    """Return the pairs of a text in their order; the last value of a repeated key."""
    if "=" not in text:
        return {}
    return {key: parse_value(value) for key, value in PAIR.findall(text)}


def counts(text: str) -> dict[str, Value]:
    """Return the numbers in front of a noun in the plural, by the noun."""
    return {
        noun: int(number)
        for number, noun in COUNT.findall(text)
        if not NO_THINGS.match(noun)
    }


def parse_value(text: str) -> Value:
    """Return a text without its quotes, or as a number or boolean if it is one."""
    if text[0] in "\"'":
        return text[1:-1].replace('\\"', '"').replace("\\'", "'")
    if NUMBER.match(text):
        return float(text) if "." in text else int(text)
    return WORDS.get(text, text)
