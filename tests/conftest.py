"""Set-up for the tests of all parts, which share their processes."""

from __future__ import annotations

import signal

from celery.signals import setup_logging

# A background job of a shell ignores SIGINT, and so would the programs that tests start
# and end with it. Children of a process with a handler start with the default one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@setup_logging.connect
def leave_logging_alone(**_: object) -> None:
    """Keep a Celery worker that runs in a test's process from configuring logging.

    Without a receiver, the worker sets the root logger's level and removes its handlers
    for the rest of the process: a later test that expects a warning would fail.
    """
