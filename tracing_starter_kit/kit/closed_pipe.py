"""End quietly when the reader of our output has gone, as `head` does after ten lines.

    status = run_until_closed(lambda: command(options))

`cli.main` runs every command in this way.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

KILLED_BY_SIGPIPE = 141  # the shell's status for other programs in this situation


def run_until_closed(command: Callable[[], int]) -> int:
    """Run a command and return its status, or 141 once standard output is closed."""
    try:
        try:
            return command()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _drop_output()
        return KILLED_BY_SIGPIPE


def _drop_output() -> None:
    """Send the buffered output to the null device.

    Otherwise Python reports an error when it ends: see "Note on SIGPIPE" in
    https://docs.python.org/3/library/signal.html
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
