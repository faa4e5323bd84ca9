"""The exception that a check raises, and helpers for the sentence in it.

Example:
    raise CheckFailed("The span `price_order` is missing.", trace_id)
"""

from __future__ import annotations

from collections.abc import Iterable


class CheckFailed(Exception):  # noqa: N818 - the exercise is unfinished, not broken
    """An expectation that the learner's program does not meet, as one sentence.

    Attributes:
        trace_id: The trace that shows the mistake, if there is such a trace.
    """

    def __init__(self, sentence: str, trace_id: str | None = None) -> None:
        super().__init__(sentence.rstrip())
        self.trace_id = trace_id


def listed(words: Iterable[object], most: int = 8) -> str:
    """Join words as "a, b and c", without repeats, and at most `most` of them.

    >>> listed(["a", "b", "b", "c"])
    'a, b and c'
    """
    texts = list(dict.fromkeys(map(str, words)))
    if len(texts) > most:
        texts = [*texts[:most], f"{len(texts) - most} more"]
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} and {texts[-1]}"


def quoted(words: Iterable[str]) -> str:
    """Join names, each marked as code: "`a`, `b` and `c`"."""
    return listed(f"`{word}`" for word in words)


def capitalized(text: str) -> str:
    """Return the text with its first letter in upper case."""
    return text[:1].upper() + text[1:]


def times(count: int) -> str:
    """Return a count in words: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def value_text(value: object) -> str:
    """Return a value so that text and numbers look different.

    >>> value_text("3"), value_text(3)
    ("'3'", '3')
    """
    return repr(value) if isinstance(value, str) else str(value)
