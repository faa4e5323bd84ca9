"""A Celery app whose every task is a span in a span."""

import os

from celery import Celery

from instrumentation.celery_tracing import trace_celery
from instrumentation.traced import span
from instrumentation.tracing_setup import start_tracing

start_tracing("tasks")
app = Celery("tasks", broker=os.environ["BROKER_URL"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1)
trace_celery(app)


@app.task(name="work")
def work(number: int) -> None:
    """Be a span with a span in it."""
    with span(f"step {number}"):
        pass
