"""What reads our output has enough, as `head` has after ten lines.

except BrokenPipeError:
    drop_output()
"""

from __future__ import annotations

import os
import sys


def drop_output() -> None:
    """Let what is left in the buffer of standard output go nowhere.

    Else Python complains of it when it ends: see "Note on SIGPIPE" in
    https://docs.python.org/3/library/signal.html
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
