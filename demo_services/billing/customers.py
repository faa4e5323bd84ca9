"""Customers; their country decides the tax.

customer = find_customer("c-ada")

GET /customers                               all, for the nightly statements
GET /customers/{id}/totals?day=2026-11-23    a customer's payments of a day
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import func, select

from demo_services.billing.tables import customers, invoices
from demo_services.database import database
from demo_services.problems import Refused

routes = Blueprint("customers", __name__)
# Mail to flaky.example needs two attempts; mail to bounce.example always fails.
DEMO_CUSTOMERS = [
    {"id": f"c-{name.lower()}", "tenant_id": tenant, "name": name}
    | {"email": email, "country": country}
    for name, tenant, email, country in (
        ("Ada", "t-alpine", "ada@alpine.example", "CH"),
        ("Bob", "t-harbor", "bob@flaky.example", "DE"),
        ("Cleo", "t-meadow", "cleo@bounce.example", "US"),
        ("Dan", "t-orchard", "dan@orchard.example", "JP"),
    )
]


@dataclass(frozen=True)
class Customer:
    """A customer, who orders and gets invoices."""

    id: str
    tenant_id: str
    name: str
    email: str
    country: str

    def with_email(self, email: str | None) -> Customer:
        """Return the customer with another e-mail address, if there is one."""
        return replace(self, email=email) if email else self


def find_customer(customer_id: str) -> Customer:
    """Return a customer.

    Raises:
        Refused: No customer has this id.
    """
    query = select(customers).where(customers.c.id == customer_id)
    with database().connect() as db:
        row = db.execute(query).one_or_none()
    if row is None:
        raise Refused(404, "Customer unknown", f"There is no customer {customer_id}.")
    return Customer(*row)


@routes.get("/customers")
def list_customers() -> Response:
    """Answer with all customers."""
    with database().connect() as db:
        rows = db.execute(select(customers).order_by(customers.c.id)).all()
    return jsonify([asdict(Customer(*row)) for row in rows])


@routes.get("/customers/<customer_id>/totals")
def show_totals(customer_id: str) -> Response:
    """Answer with the sums of a customer's paid invoices of a day, by currency."""
    query = (
        select(
            invoices.c.currency,
            func.count().label("invoices"),
            func.sum(invoices.c.total).label("total"),
        )
        .where(invoices.c.customer_id == customer_id)
        .where(invoices.c.day == request.args["day"])
        .where(invoices.c.status == "paid")
        .group_by(invoices.c.currency)
        .order_by(invoices.c.currency)
    )
    with database().connect() as db:
        rows = db.execute(query).all()
    # In PostgreSQL the sum of BIGINTs is a decimal number.
    return jsonify([[currency, count, int(total)] for currency, count, total in rows])
