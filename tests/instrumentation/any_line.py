"""Runs code at every line of a module, as the garbage collector runs finalizers."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType, ModuleType
from typing import Any


@contextlib.contextmanager
def at_every_line(
    module: ModuleType, finalizer: Callable[[], object]
) -> Iterator[None]:
    """Call `finalizer` in this thread before it runs a line of `module`.

    The collector may call one wherever an object is made. The finalizer's own lines do
    not call it again.
    """

    def before_line(_: FrameType, event: str, __: object) -> Any:
        if event == "line":
            finalizer()
        return before_line

    def into(frame: FrameType, _: str, __: object) -> Any:
        is_its_code = frame.f_code.co_filename == module.__file__
        return before_line if is_its_code else None

    previous = sys.gettrace()
    sys.settrace(into)
    try:
        yield
    finally:
        sys.settrace(previous)
