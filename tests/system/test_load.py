"""Many orders, eight at once: every trace whole, and soon readable.

The number of orders is small here; CI takes `ORDERS=1000`.
"""

from __future__ import annotations

import os
import signal
import statistics
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

import pytest
import requests

from tests.contract.contract import check, missing
from tests.system.demo import Demo, await_

pytestmark = pytest.mark.timeout(500)

ORDERS = int(os.environ.get("ORDERS", "200"))
AT_ONCE = 8
# Seconds; 2 is the goal, for a machine that has nothing else to do.
READABLE_WITHIN = float(os.environ.get("READABLE_WITHIN", "10"))
WHOLE_WITHIN = 200.0
LONGEST_ORDER = 5.0
# What the contract's tree of an order counts; `check()` then looks at each of them.
SPANS = len(missing([], "order"))
ORDER = {
    "plan": "team",
    "quantity": 2,
    "currency": "EUR",
    "card": "demo-card-approve",
}


@dataclass(frozen=True)
class Sent:
    """An order that was accepted, and how long its trace took; times in seconds."""

    trace_id: str
    order_id: str
    received: float
    readable_after: float = 0.0


def send(demo: Demo) -> Sent:
    answer = requests.post(
        demo.url("GATEWAY_PORT", "/orders"),
        json=ORDER,
        headers={"X-API-Key": "demo-key-ada"},
        timeout=20,
    )
    assert answer.status_code == 201, answer.text
    body = answer.json()
    return Sent(body["trace_id"], body["order_id"], time.time())


def send_all(demo: Demo, meanwhile: Callable[[], None] = lambda: None) -> list[Sent]:
    """Send all orders and wait until each one's trace is whole."""
    with ThreadPoolExecutor(AT_ONCE + 1) as workers:
        other = workers.submit(meanwhile)
        sent = [workers.submit(send, demo) for _ in range(ORDERS)]
        whole = wait_until_whole(demo, sent)
        other.result()
    return whole


def wait_until_whole(demo: Demo, sent: list[Future[Sent]]) -> list[Sent]:
    """Ask for the list of traces again and again until each order's is whole.

    The list is asked for what came since the oldest order that is waited for: to read
    every trace over and over would be more work than the orders themselves.
    """
    whole: list[Sent] = []
    waiting = list(sent)
    deadline = time.time() + WHOLE_WITHIN
    while waiting:
        answered = [future.result() for future in waiting if future.done()]
        oldest = min((one.received for one in answered), default=time.time())
        counts = demo.span_counts(since=oldest - LONGEST_ORDER)
        now = time.time()
        whole += [
            replace(one, readable_after=now - one.received)
            for one in answered
            if counts.get(one.trace_id, 0) >= SPANS
        ]
        done = {one.trace_id for one in whole}
        waiting = [f for f in waiting if not (f.done() and f.result().trace_id in done)]
        assert now < deadline, complaint(demo, waiting)
        time.sleep(0.1)
    return whole


def complaint(demo: Demo, waiting: list[Future[Sent]]) -> str:
    lacks = [
        f"{one.trace_id} lacks {missing(demo.spans(one.trace_id), 'order')}"
        for one in [future.result() for future in waiting if future.done()][:5]
    ]
    return f"{len(waiting)} traces are not whole:\n" + "\n".join(lacks)


def check_all(demo: Demo, sent: list[Sent]) -> None:
    """Hold every trace to the contract: nothing missing, nothing twice."""
    for one in sent:
        spans = demo.spans(one.trace_id)
        check(spans, "order", values={"order": one.order_id})
    assert len({one.trace_id for one in sent}) == ORDERS


def test_every_order_has_its_whole_trace_soon(demo: Demo) -> None:
    begin = time.monotonic()
    sent = send_all(demo)
    took = time.monotonic() - begin

    waits = sorted(one.readable_after for one in sent)
    p95 = waits[int(len(waits) * 0.95)]
    print(
        f"\n{ORDERS} orders, {AT_ONCE} at once: {ORDERS / took:.0f}/s; whole and "
        f"readable after {statistics.median(waits):.2f} s (median), {p95:.2f} s (p95)"
    )
    check_all(demo, sent)
    assert p95 <= READABLE_WITHIN


def test_a_kill_of_the_viewer_loses_no_span(demo: Demo) -> None:
    pid = demo.pid("viewer")

    def kill_viewer() -> None:
        await_(demo.span_count, lambda n: n > before + 200, str, within=60)
        os.kill(pid, signal.SIGKILL)

    before = demo.span_count()
    sent = send_all(demo, kill_viewer)

    assert demo.pid("viewer") != pid
    check_all(demo, sent)
