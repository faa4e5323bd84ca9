"""Waits for what happens elsewhere, with a deadline and no fixed sleep.

wait_for(lambda: system.outbox(order_id), until=lambda found: len(found) == 1)
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_for(
    look: Callable[[], T], *, until: Callable[[T], bool], within: float = 20
) -> T:
    """Look until it is as it should be; return what was seen last, then."""
    deadline = time.monotonic() + within
    while not until(seen := look()):
        assert time.monotonic() < deadline, f"after {within} s it is still {seen!r}"
        time.sleep(0.05)
    return seen
