"""A Celery app whose every task is a span in a span; SEND_LOGS=1 sends its lines."""

import logging
import os
from typing import Any

from celery import Celery, Task
from celery.utils.log import get_task_logger

from instrumentation.celery_tracing import trace_celery
from instrumentation.log_export import send_logs
from instrumentation.traced import span
from instrumentation.tracing_setup import start_tracing

start_tracing("tasks")
if "SEND_LOGS" in os.environ:
    send_logs()
app = Celery("tasks", broker=os.environ["BROKER_URL"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1)
trace_celery(app)


@app.task(name="work")
def work(number: int) -> None:
    """Be a span with a span in it."""
    with span(f"step {number}"):
        pass


@app.task(name="complain", bind=True, max_retries=1, default_retry_delay=0)
def complain(self: "Task[Any, Any]") -> None:
    """Log a line to two loggers, and ask for a second attempt."""
    if not self.request.retries:
        get_task_logger(__name__).warning("from the task")
        logging.getLogger(__name__).warning("from the module")
        self.retry()
