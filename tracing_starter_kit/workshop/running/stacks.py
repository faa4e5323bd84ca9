"""The lines that a program's threads are at, for a program that does not answer.

Example:
    lines = stack_lines(dump, folder)     # ["shop.py, line 12: while True:"]

The child lets `faulthandler` write the dump at a signal, which works in any loop.
"""

from __future__ import annotations

import linecache
import re
import signal
from pathlib import Path

DUMP_SIGNAL = signal.SIGUSR1
HELPER_MARK = "__tracing_helper__ = True"
THREAD = re.compile(r"^(?:Current thread|Thread) 0x", re.MULTILINE)
FRAME = re.compile(r'^  File "(?P<path>[^"]+)", line (?P<line>\d+)', re.MULTILINE)


def stack_lines(dump: str, folder: Path) -> list[str]:
    """Return the innermost line of each thread that is in the learner's own files."""
    linecache.checkcache()
    lines = [_own_line(stack, folder) for stack in THREAD.split(dump)[1:]]
    return list(dict.fromkeys(filter(None, lines)))


def _own_line(stack: str, folder: Path) -> str:
    for frame in FRAME.finditer(stack):
        file, number = Path(frame["path"]), int(frame["line"])
        if not file.is_relative_to(folder):
            continue
        if HELPER_MARK not in "".join(linecache.getlines(str(file))):
            code = linecache.getline(str(file), number).strip()
            return f"{file.name}, line {number}: {code}"
    return ""
