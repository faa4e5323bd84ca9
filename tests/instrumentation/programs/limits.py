"""A Celery app whose tasks end in every unusual way; its results are in the broker."""

import os
import signal
import time

from celery import Celery, Task, chord

from instrumentation.celery_tracing import trace_celery
from instrumentation.tracing_setup import start_tracing

start_tracing("limits")
broker = os.environ["BROKER_URL"]
app = Celery("limits", broker=broker, backend=broker)
app.conf.worker_prefetch_multiplier = 1
app.conf.beat_schedule = {"tick": {"task": "fine", "schedule": 0.5}}
trace_celery(app)


@app.task(name="fine")
def fine(*_: object) -> None:
    """End well."""


@app.task(name="slow", time_limit=1)
def slow() -> None:
    """Last longer than the hard limit allows."""
    time.sleep(60)


@app.task(name="warned", soft_time_limit=1)
def warned() -> None:
    """Last longer than the soft limit allows."""
    time.sleep(60)


class Base(Task):  # type: ignore[type-arg]
    """A base class that is not made from the app's own."""


@app.task(name="killed", base=Base)
def killed() -> None:
    """End as the kernel ends a process when memory runs out."""
    os.kill(os.getpid(), signal.SIGKILL)


@app.task(name="long")
def long() -> None:
    """Run until it is revoked."""
    time.sleep(60)


def send_chord() -> None:
    """Publish two tasks and the one that follows both."""
    chord([fine.s(), fine.s()])(app.signature("after"))


@app.task(name="after")
def after(*_: object) -> None:
    """Come last."""
