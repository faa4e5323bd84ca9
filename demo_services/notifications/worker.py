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

from demo_services.notifications.app import create_app
from demo_services.notifications.receipts import deliver_receipt
from demo_services.notifications.statements import (
    prepare_statements,
    sum_up_statements,
    write_statement,
)
from demo_services.problems import Problem, Refused
from demo_services.queue import open_queue
from demo_services.settings import Settings, read_settings
from demo_services.tracing import trace_celery

MOST_RETRIES = 6
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
            max_retries=MOST_RETRIES,
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
            with app.app_context():
                return self.run(*args, **kwargs)

    return TaskWithinApp


def __getattr__(name: str) -> Celery:
    """Build the worker when `celery --app` asks for it, and not for an import."""
    if name == "app":
        return create_worker()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
