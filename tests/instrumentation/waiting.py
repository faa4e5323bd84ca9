"""Waits for the work of other threads."""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(is_complete: Callable[[], bool], timeout: float = 20) -> None:
    """Return once a condition holds.

    Raises:
        AssertionError: It does not hold within `timeout` seconds.
    """
    deadline = time.monotonic() + timeout
    while not is_complete():
        assert time.monotonic() < deadline, f"nothing came in {timeout} s"
        time.sleep(0.005)
