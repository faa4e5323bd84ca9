"""The nightly statements: a task that fans out, one per customer, and a sum.

queue.send_task("notifications.prepare_statements", kwargs={...})
GET /statements/{run_id}
"""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

import requests
from celery import Task, chord
from flask import Blueprint, Response, current_app, jsonify
from sqlalchemy import func, select, update

from demo_services.database import database, insert_missing
from demo_services.notifications.tables import runs, statements
from demo_services.notifications.texts import render
from demo_services.problems import Refused, raise_for_problem
from demo_services.settings import settings
from demo_services.tracing import set_fields

routes = Blueprint("statements", __name__)
Totals = list[list[Any]]  # currency, number of invoices, amount in minor units


def prepare_statements(self: Task[Any, Any], run_id: str, day: str) -> None:
    """Queue a statement for every customer, and the summary after the last of them."""
    customers = _ask_billing("/customers")
    run = {"run_id": run_id, "day": day, "customers": len(customers)}
    with database().begin() as db:
        insert_missing(db, runs, [run | {"status": "running", "totals": "{}"}])
    write = self.app.tasks["notifications.write_statement"]
    sum_up = self.app.tasks["notifications.sum_up_statements"]
    each = [
        write.s(run_id=run_id, day=day, customer=customer) for customer in customers
    ]
    chord(each, app=self.app)(sum_up.s(run_id=run_id))


def write_statement(
    self: Task[Any, Any], run_id: str, day: str, customer: dict[str, str]
) -> Totals:
    """Write one customer's statement; return what it adds up to."""
    # By hand: each statement is of one customer, the run of all.
    set_fields(
        {"app.customer.id": customer["id"], "app.tenant.id": customer["tenant_id"]}
    )
    totals = _ask_billing(f"/customers/{customer['id']}/totals", day=day)
    text = render("statement.txt", name=customer["name"], day=day, totals=totals)
    statement = {"run_id": run_id, "customer_id": customer["id"], "text": text}
    with database().begin() as db:
        insert_missing(db, statements, [statement])
    return cast(Totals, totals)


def sum_up_statements(
    self: Task[Any, Any], all_totals: list[Totals], run_id: str
) -> None:
    """Add up what all customers paid, and close the run."""
    sums: Counter[str] = Counter()
    for totals in all_totals:
        for currency, _invoices, total in totals:
            sums[currency] += total
    of_run = update(runs).where(runs.c.run_id == run_id)
    with database().begin() as db:
        db.execute(of_run.values(status="done", totals=dict(sums)))


@routes.get("/statements/<run_id>")
def show_run(run_id: str) -> Response:
    """Answer with how far a run is, and in the end with its sums."""
    written = select(func.count()).where(statements.c.run_id == run_id)
    with database().connect() as db:
        query = select(runs).where(runs.c.run_id == run_id)
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
