"""Orders as a client sees them; a repeated request changes nothing."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import requests
from sqlalchemy import func, select

from demo_services.billing.tables import invoice_lines, invoices, orders, receipts
from tests.demo_services.system import System


def charges_of(system: System, order_id: str) -> int:
    """Return how often the card network took money for an order."""
    return int(system.get("card_network", f"/charges/{order_id}").json()["charged"])


def test_an_order_is_answered_with_its_total(system: System) -> None:
    answer = system.order(plan="team", quantity=3, coupon="WELCOME10")

    assert answer.status_code == 201
    assert (answer.json()["status"], answer.json()["total"]) == ("paid", 7_880)


def test_a_placed_order_can_be_read(system: System) -> None:
    placed = system.order()

    address = placed.headers["Location"]
    order = system.get("gateway", address, headers=system.by("demo-key-ada"))
    assert order.json() == placed.json()


def test_an_order_is_written_with_its_invoice_and_lines(system: System) -> None:
    order_id = system.order(coupon="WELCOME10").json()["order_id"]

    with system.apps["billing"].extensions["database"].connect() as db:
        invoice = db.execute(
            select(invoices).where(invoices.c.order_id == order_id)
        ).one()
        of_invoice = invoice_lines.c.invoice_id == invoice.id
        total = select(func.sum(invoice_lines.c.amount)).where(of_invoice)
        assert db.execute(total).scalar_one() == invoice.total
    assert invoice.status == "paid"


def test_a_declined_order_has_a_void_invoice_and_no_receipt(system: System) -> None:
    order_id = system.order(card="demo-card-decline").json()["order_id"]

    with system.apps["billing"].extensions["database"].connect() as db:
        status = select(invoices.c.status).where(invoices.c.order_id == order_id)
        assert db.execute(status).scalar_one() == "void"
        assert not db.execute(
            select(receipts).where(receipts.c.order_id == order_id)
        ).all()


def test_a_request_keeps_the_id_of_its_client(system: System) -> None:
    answer = system.order(headers={"X-Request-Id": "mine-17"})

    assert answer.headers["X-Request-Id"] == "mine-17"


def test_a_request_without_an_id_gets_one_also_when_it_is_refused(
    system: System,
) -> None:
    answer = system.order("no-key")

    assert len(answer.headers["X-Request-Id"]) == 32


def test_the_same_order_with_the_same_key_is_the_same_order(system: System) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    first, second = system.order(headers=key), system.order(headers=key)

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert charges_of(system, first.json()["order_id"]) == 1


def test_a_declined_order_with_the_same_key_stays_declined(system: System) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    answers = [system.order(headers=key, card="demo-card-decline") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [402, 402]
    assert answers[0].json()["order_id"] == answers[1].json()["order_id"]


def test_another_order_with_the_same_key_is_409(system: System) -> None:
    key = {"Idempotency-Key": uuid4().hex}
    system.order(headers=key, quantity=1)

    answer = system.order(headers=key, quantity=2)

    assert answer.status_code == 409
    assert answer.json()["title"] == "Idempotency key used before"


def test_two_customers_may_use_the_same_key(system: System) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    answers = [system.order(f"demo-key-{name}", headers=key) for name in ("ada", "bob")]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_the_same_order_sent_eight_times_at_once_is_one_order(system: System) -> None:
    key = {"Idempotency-Key": uuid4().hex}

    def send(_: int) -> requests.Response:
        return system.order(headers=key)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(send, range(8)))

    assert {answer.status_code for answer in answers} == {201}
    (order_id,) = {answer.json()["order_id"] for answer in answers}
    assert charges_of(system, order_id) == 1
    with system.apps["billing"].extensions["database"].connect() as db:
        of_key = orders.c.idempotency_key == key["Idempotency-Key"]
        assert db.execute(select(func.count()).where(of_key)).scalar_one() == 1


def test_orders_of_many_clients_at_once_all_succeed(system: System) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: system.order(), range(40)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["order_id"] for answer in answers}) == 40
