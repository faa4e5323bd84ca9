"""The nightly statements: a task that fans out, one for each customer, and a sum.

queue.send_task("notifications.prepare_statements", kwargs={...})
GET /statements/{run_id}
"""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import requests
from celery import Task, group
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import func, select, update

from demo_services.database import database, insert_missing
from demo_services.notifications.tables import runs, statements
from demo_services.notifications.texts import render
from demo_services.problems import Refused, raise_for_problem
from demo_services.settings import settings
from demo_services.tracing import from_headers, inject_headers, set_fields

routes = Blueprint("statements", __name__)


def prepare_statements(self: Task[Any, Any], run_id: str, day: str) -> None:
    """Queue a statement for every customer."""
    customers = _ask_billing("/customers")
    run = {
        "run_id": run_id,
        "day": day,
        "customers": len(customers),
        "status": "running",
        "totals": {},
        # By hand: the task that writes the last statement continues this trace here.
        "trace_headers": inject_headers(),
    }
    with database().begin() as db:
        insert_missing(db, runs, [run])
    write = self.app.tasks["notifications.write_statement"]
    sum_up = self.app.tasks["notifications.sum_up_statements"]
    tasks = [
        write.s(run_id=run_id, day=day, customer=customer) for customer in customers
    ]
    group(tasks or [sum_up.s(run_id=run_id)]).apply_async()


def write_statement(
    self: Task[Any, Any], run_id: str, day: str, customer: dict[str, str]
) -> None:
    """Write one customer's statement; after the last one, queue the sum.

    A chord could do the same, but its last message has no line of ours to lead to, and
    it keeps a result of each task in the broker. Counting in our database does not.
    """
    # By hand: a statement belongs to one customer, the run to all.
    set_fields(
        {"shop.customer.id": customer["id"], "shop.tenant.id": customer["tenant_id"]}
    )
    totals = _ask_billing(f"/customers/{customer['id']}/totals", day=day)
    text = render("statement.txt", name=customer["name"], day=day, totals=totals)
    statement = {"run_id": run_id, "customer_id": customer["id"], "text": text}
    with database().begin() as db:
        is_new = insert_missing(db, statements, [statement | {"totals": totals}])
    headers = _trace_if_last(run_id, again=not is_new)
    if headers is not None:
        sum_up = self.app.tasks["notifications.sum_up_statements"]
        # By hand: the sum belongs to the run, not to the last customer.
        with from_headers(headers):
            sum_up.apply_async(kwargs={"run_id": run_id})


def sum_up_statements(self: Task[Any, Any], run_id: str) -> None:
    """Add up the payments of all customers, and close the run."""
    sums: Counter[str] = Counter()
    of_run = select(statements.c.totals).where(statements.c.run_id == run_id)
    with database().connect() as db:
        rows = db.execute(of_run).scalars().all()
    for currency, _invoices, total in (row for totals in rows for row in totals):
        sums[currency] += total
    run = update(runs).where(runs.c.run_id == run_id)
    with database().begin() as db:
        db.execute(run.values(status="done", totals=dict(sums)))


def _trace_if_last(run_id: str, *, again: bool) -> dict[str, str] | None:
    """Return the run's trace to the task that completes the run, and else None.

    A task that runs again gets it again, until the run is summed up: it may have been
    interrupted before it could queue the sum.
    """
    written = select(func.count()).where(statements.c.run_id == run_id)
    complete = (runs.c.run_id == run_id) & (
        runs.c.customers == written.scalar_subquery()
    )
    open_in = ["running", "summing up"] if again else ["running"]
    close = update(runs).where(complete & runs.c.status.in_(open_in))
    summing_up = close.values(status="summing up").returning(runs.c.trace_headers)
    with database().begin() as db:
        return db.execute(summing_up).scalar_one_or_none()


@routes.get("/statements/<run_id>")
def show_run(run_id: str) -> Response:
    """Answer with the progress of a run, and in the end with its sums."""
    written = select(func.count()).where(statements.c.run_id == run_id)
    with database().connect() as db:
        columns = (
            runs.c.run_id,
            runs.c.day,
            runs.c.customers,
            runs.c.status,
            runs.c.totals,
        )
        query = select(*columns).where(runs.c.run_id == run_id)
        run = db.execute(query).mappings().one_or_none()
        count = db.execute(written).scalar_one()
    if run is None:
        raise Refused(404, "Run unknown", f"There is no run {run_id} yet.")
    return jsonify(dict(run) | {"statements": count})


def _ask_billing(path: str, **params: str) -> Any:
    billing = cast(requests.Session, current_app.extensions["billing"])
    response = billing.get(f"{settings().billing_url}{path}", params=params)
    raise_for_problem(response, "billing")
    return response.json()
