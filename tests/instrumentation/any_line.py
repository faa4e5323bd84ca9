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
    """Call `finalizer` in this thread before each line of `module` that runs in it.

    The garbage collector may do so wherever an object is made. The finalizer does not
    call itself again.
    """

    def before_line(_: FrameType, event: str, __: object) -> Any:
        if event == "line":
            finalizer()
        return before_line

    def before_call(frame: FrameType, _: str, __: object) -> Any:
        is_in_module = frame.f_code.co_filename == module.__file__
        return before_line if is_in_module else None

    previous = sys.gettrace()
    sys.settrace(before_call)
    try:
        yield
    finally:
        sys.settrace(previous)
