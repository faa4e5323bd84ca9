"""PostgreSQL and Valkey restart under load: orders may be late, not lost or doubled.

Clients follow the answers: after a 503 they wait for the seconds of Retry-After, then
send the same order again, with its Idempotency-Key.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Event
from uuid import uuid4

import pytest
import requests

from tests.compose.stack import Stack
from tests.system.demo import await_

pytestmark = pytest.mark.timeout(600)
AT_ONCE = 8
BEFORE, DOWN, AFTER = 2.0, 3.0, 4.0
# Seconds, on a machine whose usual answer takes half a second; longer on a slower one,
# in proportion.
LONGEST_ANSWER, USUAL_ANSWER = 5.0, 0.5
ACCEPTED_WITHIN = 90.0
# A receipt whose sender died is queued again after 30 s, a message whose worker was
# lost after 60 s; a failed delivery is retried for about as long.
SETTLED_WITHIN = 150.0


@dataclass(frozen=True)
class Accepted:
    """An accepted order: its key, its id, and every answer until then."""

    key: str
    order_id: str
    answers: list[requests.Response]


def place(stack: Stack) -> Accepted:
    """Send one order until it is accepted, as its answers require."""
    key, answers = uuid4().hex, []
    deadline = time.monotonic() + ACCEPTED_WITHIN
    while time.monotonic() < deadline:
        answers.append(stack.order(headers={"Idempotency-Key": key}))
        if answers[-1].status_code == 201:
            return Accepted(key, answers[-1].json()["order_id"], answers)
        assert answers[-1].status_code == 503, answers[-1].text
        time.sleep(int(answers[-1].headers["Retry-After"]))
    raise AssertionError(f"no order in {ACCEPTED_WITHIN} s: {answers[-1].text}")


def load_during(stack: Stack, outage: Callable[[], None]) -> list[Accepted]:
    """Keep eight clients ordering before, during and after an outage."""
    over = Event()

    def client() -> list[Accepted]:
        accepted = []
        while not over.is_set():
            accepted.append(place(stack))
        return accepted

    with ThreadPoolExecutor(AT_ONCE) as threads:
        clients = [threads.submit(client) for _ in range(AT_ONCE)]
        try:
            time.sleep(BEFORE)
            outage()
            time.sleep(AFTER)
        finally:
            over.set()
        return [accepted for future in clients for accepted in future.result()]


@pytest.fixture(scope="module", params=["postgres", "valkey"])
def orders(request: pytest.FixtureRequest, stack: Stack) -> list[Accepted]:
    """The orders accepted around an outage of three seconds."""

    def outage() -> None:
        stack.compose("stop", request.param)
        time.sleep(DOWN)
        stack.compose("start", request.param)

    orders = load_during(stack, outage)
    answers = [answer for order in orders for answer in order.answers]
    slowest = max(answer.elapsed.total_seconds() for answer in answers)
    statuses = dict(Counter(answer.status_code for answer in answers))
    print(f"\n{request.param} away: answers {statuses}, the slowest {slowest:.2f} s")
    return orders


def test_no_answer_hangs(orders: list[Accepted]) -> None:
    """Compared with the same machine's orders that needed one request."""
    usual = statistics.median(
        order.answers[0].elapsed.total_seconds()
        for order in orders
        if len(order.answers) == 1
    )
    longest = LONGEST_ANSWER * max(1.0, usual / USUAL_ANSWER)
    durations = [a.elapsed.total_seconds() for order in orders for a in order.answers]

    assert [seconds for seconds in durations if seconds > longest] == []


def test_every_accepted_order_is_stored_once(
    stack: Stack, orders: list[Accepted]
) -> None:
    rows = stack.sql("billing", "SELECT idempotency_key, id, status FROM orders")
    stored = Counter(tuple(row) for row in rows)

    wrong = [o for o in orders if stored[(o.key, o.order_id, "paid")] != 1]

    assert wrong == []
    assert Counter(row[0] for row in rows if row[0]).most_common(1)[0][1] == 1


def test_every_accepted_order_was_charged_once(
    stack: Stack, orders: list[Accepted]
) -> None:
    def charged(order: Accepted) -> int:
        address = stack.url("CARD_NETWORK_PORT", f"/charges/{order.order_id}")
        return int(requests.get(address, timeout=10).json()["charged"])

    assert [order for order in orders if charged(order) != 1] == []


def test_every_receipt_is_delivered_once_or_waits(
    stack: Stack, orders: list[Accepted]
) -> None:
    order_ids = {order.order_id for order in orders}

    def unsettled() -> dict[str, str]:
        deliveries = dict(
            stack.sql("notifications", "SELECT order_id, deliveries FROM outbox")
        )
        waiting = {
            row[0]
            for row in stack.sql(
                "billing", "SELECT order_id FROM receipts WHERE status = 'waiting'"
            )
        }
        return {
            order_id: deliveries.get(order_id, "none")
            for order_id in order_ids - waiting
            if deliveries.get(order_id) != "1"
        }

    await_(unsettled, lambda orders: not orders, str, within=SETTLED_WITHIN)
