"""The worker of notifications: runs the tasks that billing queues.

celery --app demo_services.notifications.worker worker --concurrency 2
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from pathlib import Path
from typing import Any

from celery import Celery, Task
from celery.signals import heartbeat_sent, worker_before_create_process
from flask import Flask
from sqlalchemy.exc import OperationalError

from demo_services.notifications.app import create_app
from demo_services.notifications.receipts import deliver_receipt
from demo_services.notifications.statements import (
    prepare_statements,
    sum_up_statements,
    write_statement,
)
from demo_services.notifications.transport import TRANSPORT
from demo_services.problems import Problem, Refused
from demo_services.queue import open_queue
from demo_services.settings import Settings, read_settings
from demo_services.tracing import trace_celery

MOST_RETRIES = 6
DATABASE_PAUSE = 2  # seconds
# While the broker is away, the worker tries for some 20 s to queue a task again. After
# that the broker delivers the old message once more.
PUBLISH_AGAIN = {"max_retries": 20, "interval_step": 0.2, "interval_max": 1.0}
TASKS: tuple[Callable[..., Any], ...] = (
    deliver_receipt,
    prepare_statements,
    write_statement,
    sum_up_statements,
)


def create_worker(settings: Settings | None = None) -> Celery:
    """Build the worker; settings come from the environment by default."""
    settings = settings or read_settings("notifications")
    app = create_app(settings)
    # The worker waits for messages for a second at a time: 5 s mean no answer.
    queue = open_queue("notifications", settings.broker_url, answers_within=5)
    queue.conf.update(
        broker_transport=TRANSPORT,
        task_publish_retry=True,
        task_publish_retry_policy=PUBLISH_AGAIN,
    )
    app.extensions["queue"] = queue

    # Automatic: a consumer span for each task, in the trace that queued it.
    trace_celery(queue)
    if settings.heartbeat_file:
        show_heartbeat(Path(settings.heartbeat_file))

    for task in TASKS:
        name = f"notifications.{task.__name__}"
        queue.task(
            name=name,
            bind=True,
            base=task_within(app),
            # Billing may answer again in a moment.
            autoretry_for=(Problem,),
            dont_autoretry_for=(Refused,),
            retry_backoff=True,
            retry_kwargs={"max_retries": MOST_RETRIES},
            # A task that retries by itself counts by itself.
            max_retries=None,
        )(task)
    return queue


@worker_before_create_process.connect
def share_memory(**_: object) -> None:
    """Let child processes share loaded objects: a third less memory for the three.

    Otherwise their garbage collectors write into every inherited object, and each write
    copies a page.
    """
    gc.collect()
    gc.freeze()


def show_heartbeat(file: Path) -> None:
    """Touch a file every two seconds while the worker listens to its queue.

    A container's health check reads it: a worker has no port to ask.
    """
    heartbeat_sent.connect(lambda **_: file.touch(), weak=False)


def task_within(app: Flask) -> type[Task[Any, Any]]:
    """Return a task class that runs within the application's context."""

    class TaskWithinApp(Task[Any, Any]):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            try:
                with app.app_context():
                    return self.run(*args, **kwargs)
            except OperationalError as error:
                # The database is away: not a reason to give up.
                raise self.retry(exc=error, countdown=DATABASE_PAUSE) from error

    return TaskWithinApp


def __getattr__(name: str) -> Celery:
    """Build the worker when `celery --app` asks for it, not at import."""
    if name == "app":
        return create_worker()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
