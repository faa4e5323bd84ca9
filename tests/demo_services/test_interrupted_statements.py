"""A statement whose task was interrupted, and runs again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask
from kombu.exceptions import OperationalError

from demo_services.database import database, insert_missing
from demo_services.notifications import statements as module
from demo_services.notifications.app import create_app
from demo_services.notifications.statements import sum_up_statements, write_statement
from demo_services.notifications.tables import runs
from demo_services.settings import Settings
from tests.demo_services.databases import database_url


class Queue:
    """The queue as a task sees it: counts the sums, or is down."""

    def __init__(self) -> None:
        self.is_down = False
        self.sums = 0
        sum_up = SimpleNamespace(apply_async=self._take)
        tasks = {"notifications.sum_up_statements": sum_up}
        self.task: Any = SimpleNamespace(app=SimpleNamespace(tasks=tasks))

    def _take(self, **_: object) -> None:
        if self.is_down:
            raise OperationalError("the broker is away")
        self.sums += 1


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The service with a run of two customers, each of whom paid 1.00."""
    monkeypatch.setattr(module, "_ask_billing", lambda *_, **__: [["EUR", 1, 100]])
    url = database_url(tmp_path, "notifications")
    app = create_app(Settings(service="notifications", database_url=url))
    run = {"run_id": "s-1", "day": "2026-11-24", "customers": 2, "status": "running"}
    with app.app_context():
        with database().begin() as db:
            insert_missing(db, runs, [run | {"totals": {}, "trace_headers": {}}])
        yield app
        database().dispose()


@pytest.fixture
def queue() -> Queue:
    return Queue()


@pytest.fixture
def write(app: Flask, queue: Queue) -> Callable[[str], None]:
    """Write a customer's statement, as one delivery of its task does."""

    def write_it(customer: str) -> None:
        row = {"id": customer, "tenant_id": "t", "name": "Ada"}
        write_statement(queue.task, "s-1", "2026-11-24", row)

    return write_it


def test_a_run_whose_last_task_was_interrupted_is_summed_up(
    app: Flask, queue: Queue, write: Callable[[str], None]
) -> None:
    write("c-1")
    queue.is_down = True
    with pytest.raises(OperationalError):
        write("c-2")
    queue.is_down = False

    write("c-2")
    sum_up_statements(queue.task, "s-1")

    assert queue.sums == 1
    run = app.test_client().get("/statements/s-1").get_json()
    assert (run["status"], run["totals"]) == ("done", {"EUR": 200})


def test_a_sum_that_is_queued_twice_stays_the_same(
    app: Flask, queue: Queue, write: Callable[[str], None]
) -> None:
    for customer in ("c-1", "c-2", "c-2"):
        write(customer)
    for _ in range(queue.sums):
        sum_up_statements(queue.task, "s-1")

    run = app.test_client().get("/statements/s-1").get_json()
    assert (run["status"], run["totals"]) == ("done", {"EUR": 200})


def test_nothing_is_summed_up_after_the_end(
    queue: Queue, write: Callable[[str], None]
) -> None:
    for customer in ("c-1", "c-2"):
        write(customer)
    sum_up_statements(queue.task, "s-1")

    write("c-1")

    assert queue.sums == 1
