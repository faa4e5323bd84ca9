"""How checks speak: one exception for "not yet", and lists as people write them.

raise CheckFailed("`price_order` is not in the trace.", trace_id)
"""

from __future__ import annotations

from collections.abc import Iterable


class CheckFailed(Exception):  # noqa: N818 - no error: the exercise is not done yet
    """Something that is missing or wrong, as one sentence for the learner.

    Attributes:
        trace_id: The trace in which it shows, if it shows in one.
    """

    def __init__(self, sentence: str, trace_id: str | None = None) -> None:
        super().__init__(sentence.rstrip())
        self.trace_id = trace_id


def listed(words: Iterable[object], most: int = 8) -> str:
    """Return "a, b and c", each once, no more than `most`.

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
    """Return names as code: "`a`, `b` and `c`"."""
    return listed(f"`{word}`" for word in words)


def times(count: int) -> str:
    """Return how often, as people say it: "once", "twice", "3 times"."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def value_text(value: object) -> str:
    """Return a value so that text and numbers look different.

    >>> value_text("3"), value_text(3)
    ("'3'", '3')
    """
    return repr(value) if isinstance(value, str) else str(value)
