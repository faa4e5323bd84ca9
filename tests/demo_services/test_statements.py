"""The nightly run: a statement for every customer, and sums over all of them."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from demo_services.billing.customers import DEMO_CUSTOMERS
from tests.demo_services.system import System, running_system, running_worker, serving
from tests.demo_services.waiting import wait_for
from tests.ports import free_port


def finished_run(system: System, **body: str) -> dict[str, Any]:
    """Start a run; return it once it is done."""
    started = system.post("billing", "/statements", json=body)
    assert started.status_code == 202
    run = f"/statements/{started.json()['run_id']}"
    return wait_for(
        lambda: dict(system.get("notifications", run).json()),
        until=lambda row: row.get("status") == "done",
    )


def test_a_run_writes_to_every_customer_and_sums_up(system: System) -> None:
    before = finished_run(system)["totals"].get("CHF", 0)
    paid = system.order(currency="CHF").json()["total"]

    run = finished_run(system)

    assert run["statements"] == run["customers"] == len(DEMO_CUSTOMERS)
    assert run["totals"]["CHF"] == before + paid


def test_a_run_is_for_today_by_default(system: System) -> None:
    days = [finished_run(system, **body)["day"] for body in ({}, {"day": "2026-01-31"})]

    assert days == [datetime.now(UTC).date().isoformat(), "2026-01-31"]


def test_a_day_on_which_nothing_was_sold_sums_up_to_nothing(system: System) -> None:
    assert finished_run(system, day="2020-01-01")["totals"] == {}


@pytest.mark.parametrize("day", ["yesterday", 7, None, "2026-02-30"])
def test_an_invalid_day_is_400(system: System, day: object) -> None:
    answer = system.post("billing", "/statements", json={"day": day})

    assert (answer.status_code, answer.json()["title"]) == (400, "Malformed day")


def test_a_run_that_cannot_be_queued_is_503(tmp_path: Path) -> None:
    with running_system(tmp_path, f"redis://127.0.0.1:{free_port()}/0") as system:
        answer = system.post("billing", "/statements")

    assert (answer.status_code, answer.json()["down"]) == (503, "queue")
    assert answer.headers["Retry-After"] == "5"


def test_a_run_survives_an_absent_billing(tmp_path: Path, broker_url: str) -> None:
    with socket.socket() as late:
        late.bind(("127.0.0.1", 0))  # bound, and nobody listens
        url = "http://127.0.0.1:{1}".format(*late.getsockname())
        other_queue = broker_url.replace("/0", "/1")
        with (
            running_system(tmp_path, other_queue, billing_url=url) as system,
            running_worker(system),
        ):
            run_id = system.post("billing", "/statements").json()["run_id"]
            log = tmp_path / "worker.log"
            wait_for(log.read_text, until=lambda text: "retry: Retry in" in text)
            late.listen()
            with serving(system.apps["billing"], late):
                run = wait_for(
                    lambda: system.get("notifications", f"/statements/{run_id}").json(),
                    until=lambda row: row.get("status") == "done",
                )

    assert run["statements"] == len(DEMO_CUSTOMERS)


def test_an_unknown_run_is_404(system: System) -> None:
    answer = system.get("notifications", "/statements/s-none")

    assert (answer.status_code, answer.json()["title"]) == (404, "Run unknown")
