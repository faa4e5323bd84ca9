"""Times of spans that cannot be true, and a place for them on the time axis.

    time_warning(start_ns, end_ns, parent_start_ns)    # a sentence, or None
    placed(start_ns, end_ns, first_ns)                 # without the zeros

A time of 0 is one that the sender did not set: it must not stretch a trace to 1970.
"""

from __future__ import annotations

SKEW = 10_000_000  # ns; less is within the accuracy of clocks on one host
UNSET = {  # whether there is a start, and whether there is an end
    (False, True): "has no start time",
    (True, False): "has no end time: the sender never ended it, or did not set it",
    (False, False): "has neither a start nor an end time",
}


def time_warning(start_ns: int, end_ns: int, parent_start_ns: int | None) -> str | None:
    """Return the fault in a span's times, as a sentence without its subject."""
    if not start_ns or not end_ns:
        return UNSET[bool(start_ns), bool(end_ns)]
    if end_ns < start_ns:
        return f"ends {_seconds(start_ns - end_ns)} s before it starts"
    if parent_start_ns and parent_start_ns - start_ns > SKEW:
        early = _seconds(parent_start_ns - start_ns)
        return f"starts {early} s before its parent: their hosts' clocks differ"
    return None


def placed(start_ns: int, end_ns: int, first_ns: int) -> tuple[int, int]:
    """Return start and end; an unset one is at the other, or at the trace's start."""
    start = start_ns or end_ns or first_ns
    return start, end_ns or start


def _seconds(nanoseconds: int) -> str:
    return f"{nanoseconds / 1e9:.3f}".rstrip("0").rstrip(".")
