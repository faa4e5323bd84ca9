r"""The values of `traces.txt`: those of `assert_tree`, and the kinds that it lacks.

fits("an integer", 3)
fits("/:\d+$/", "http://localhost:8601")
fits("none", None)
"""

from __future__ import annotations

import re

from instrumentation.testing import _matches

NUMBERS = {"an integer": int, "a number": int | float}
PATTERN = re.compile("/(.+)/")


def fits(expected: str, value: object) -> bool:
    """Tell whether a value is as expected; None is the value of an absent attribute."""
    if value is None or expected == "none":
        return value is None and expected == "none"
    if expected in NUMBERS:
        return isinstance(value, NUMBERS[expected]) and not isinstance(value, bool)
    if pattern := PATTERN.fullmatch(expected):
        return re.search(pattern[1], str(value)) is not None
    return is_name(expected) or any(_matches(value, v) for v in expected.split(" | "))


def is_name(expected: str) -> bool:
    """Tell whether a value is a name in braces: while it stands for none, any fits."""
    return expected.startswith("{") and expected.endswith("}")
