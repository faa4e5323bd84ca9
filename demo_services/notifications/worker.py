"""The worker of notifications: takes what billing queues.

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
# A task that cannot be queued again would be lost: the worker waits for the broker
# for some 20 s. After that its message is still there, taken by nobody.
PUBLISH_AGAIN = {"max_retries": 20, "interval_step": 0.2, "interval_max": 1.0}
TASKS: tuple[Callable[..., Any], ...] = (
    deliver_receipt,
    prepare_statements,
    write_statement,
    sum_up_statements,
)


def create_worker(settings: Settings | None = None) -> Celery:
    """Build the worker; without settings, from the environment."""
    settings = settings or read_settings("notifications")
    app = create_app(settings)
    # The worker waits for messages for a second at a time: longer is no answer.
    queue = open_queue("notifications", settings.broker_url, answers_within=5)
    queue.conf.update(
        broker_transport=TRANSPORT,
        task_publish_retry=True,
        task_publish_retry_policy=PUBLISH_AGAIN,
    )
    app.extensions["queue"] = queue

    # Automatic: a consumer span for each task, in the trace of whoever queued it.
    trace_celery(queue)
    if settings.heartbeat_file:
        show_heartbeat(Path(settings.heartbeat_file))

    for task in TASKS:
        name = f"notifications.{task.__name__}"
        queue.task(
            name=name,
            bind=True,
            base=task_within(app),
            # A billing that does not answer now may do so in a moment.
            autoretry_for=(Problem,),
            dont_autoretry_for=(Refused,),
            retry_backoff=True,
            retry_kwargs={"max_retries": MOST_RETRIES},
            # What is tried again for another reason says itself how often.
            max_retries=None,
        )(task)
    return queue


@worker_before_create_process.connect
def share_memory(**_: object) -> None:
    """Let the children share what is loaded: a third less memory for the three.

    Without this their garbage collectors write into every object they inherit, and
    each write copies a page.
    """
    gc.collect()
    gc.freeze()


def show_heartbeat(file: Path) -> None:
    """Touch a file every two seconds as long as the worker listens to its queue.

    For the health check of a container: a worker answers to nobody.
    """
    heartbeat_sent.connect(lambda **_: file.touch(), weak=False)


def task_within(app: Flask) -> type[Task[Any, Any]]:
    """Return the kind of task that runs as a request of the application would."""

    class TaskWithinApp(Task[Any, Any]):
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            try:
                with app.app_context():
                    return self.run(*args, **kwargs)
            except OperationalError as error:
                # Our database is away: nobody's fault, and no reason to give up.
                raise self.retry(exc=error, countdown=DATABASE_PAUSE) from error

    return TaskWithinApp


def __getattr__(name: str) -> Celery:
    """Build the worker when `celery --app` asks for it, and not for an import."""
    if name == "app":
        return create_worker()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
