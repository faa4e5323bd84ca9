"""Waits for a condition in another thread or process, with a deadline.

wait_for(lambda: system.outbox(order_id), until=lambda rows: len(rows) == 1)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    read: Callable[[], T], *, until: Callable[[T], bool], within: float = 20
) -> T:
    """Read a value again and again until it fulfils a condition; return it then."""
    deadline = time.monotonic() + within
    while not until(value := read()):
        assert time.monotonic() < deadline, f"after {within} s it is still {value!r}"
        time.sleep(0.05)
    return value
