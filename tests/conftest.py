"""What holds for the tests of all parts, which share their processes."""

from __future__ import annotations

import signal

from celery.signals import setup_logging

# A shell's background job ignores SIGINT, and so would all that tests start and end by
# it. With a handler here they begin with the usual one.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@setup_logging.connect
def leave_logging_alone(**_: object) -> None:
    """Keep a Celery worker that runs in a test's process from configuring logging.

    Without a receiver it sets the root logger's level and empties its handlers, for
    good: a later test that reads a warning would never see it.
    """
