"""A card is charged once, also when the network or our own process fails."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests

from demo_services.card_network.server import CardNetwork, Handler
from tests.demo_services.databases import database_url
from tests.demo_services.system import TIMEOUT, System, running_network
from tests.demo_services.waiting import wait_for
from tests.ports import free_port

CHARGE = {"amount": 2_700, "currency": "EUR", "card": "demo-card-approve"}


def charge(url: str, key: str, **fields: object) -> requests.Response:
    return requests.post(
        f"{url}/charges",
        json=CHARGE | fields,
        headers={"Idempotency-Key": key},
        timeout=TIMEOUT,
    )


def network_view(system: System, key: str) -> dict[str, Any]:
    """Return the card network's record of a charge."""
    return dict(system.get("card_network", f"/charges/{key}").json())


def test_a_charge_without_a_key_is_refused(system: System) -> None:
    answer = system.post("payments", "/charges", json=CHARGE)

    assert answer.status_code == 400


def test_a_charge_that_is_sent_twice_is_charged_once(system: System) -> None:
    key = uuid4().hex

    answers = [charge(system.urls["payments"], key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert network_view(system, key)["charged"] == 1


def test_a_key_that_comes_with_another_amount_is_409(system: System) -> None:
    key = uuid4().hex
    charge(system.urls["payments"], key)

    answer = charge(system.urls["payments"], key, amount=1)

    assert answer.status_code == 409


@pytest.mark.parametrize("card", ["demo-card-flaky", "demo-card-lost-answer"])
def test_an_attempt_that_fails_is_repeated_and_charged_once(
    system: System, card: str
) -> None:
    key = uuid4().hex

    answer = charge(system.urls["payments"], key, card=card)

    assert answer.status_code == 201
    record = network_view(system, key)
    assert (record["attempts"], record["charged"]) == (2, 1)


def test_a_slow_card_is_charged(system: System) -> None:
    answer = charge(system.urls["payments"], uuid4().hex, card="demo-card-slow")

    assert answer.status_code == 201
    assert answer.elapsed.total_seconds() > 0.5


def test_an_unknown_card_is_declined(system: System) -> None:
    answer = charge(system.urls["payments"], uuid4().hex, card="no-card")

    assert answer.status_code == 402
    assert answer.json()["reason"] == "unknown card"


def test_the_card_network_remembers_its_charges_across_a_restart(
    tmp_path: Path,
) -> None:
    charged = []
    for _ in range(2):
        with running_network(tmp_path) as network:
            charge(url_of(network), "k-1")
            record = requests.get(f"{url_of(network)}/charges/k-1", timeout=TIMEOUT)
            charged.append(record.json()["charged"])

    assert charged == [1, 1]


def url_of(network: CardNetwork) -> str:
    return "http://127.0.0.1:{1}".format(*network.server_address)


class KillingHandler(Handler):
    """A card network that kills its client once, after the charge."""

    victim: int | None = None

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        if self.command == "POST" and KillingHandler.victim:
            os.kill(KillingHandler.victim, signal.SIGKILL)
            KillingHandler.victim = None
        with contextlib.suppress(ConnectionError):
            super()._answer(status, body)


@contextlib.contextmanager
def payments_process(network_url: str, folder: Path) -> Iterator[tuple[int, str]]:
    """Run payments as a process, which can be killed."""
    port = free_port()
    environment = {
        **os.environ,
        "TRACING": "auto",
        "CARD_NETWORK_URL": network_url,
        "DATABASE_URL": database_url(folder, "payments"),
    }
    app = "demo_services.payments.app:create_app"
    serve = f"from {app.replace(':', ' import ')}; create_app().run(port={port})"
    with (folder / "payments.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", serve], env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: is_up(url), until=bool)
        yield process.pid, url
    finally:
        process.kill()
        process.wait(TIMEOUT)


def is_up(url: str) -> bool:
    with contextlib.suppress(requests.ConnectionError):
        return requests.get(f"{url}/health", timeout=TIMEOUT).ok
    return False


def test_a_crash_between_the_charge_and_its_record_charges_once(
    tmp_path: Path,
) -> None:
    with running_network(tmp_path, KillingHandler) as network:
        with payments_process(url_of(network), tmp_path) as (pid, url):
            KillingHandler.victim = pid
            with pytest.raises(requests.ConnectionError):
                charge(url, "k-1")
        with payments_process(url_of(network), tmp_path) as (_, url):
            again = charge(url, "k-1")
        record = requests.get(f"{url_of(network)}/charges/k-1", timeout=TIMEOUT).json()

    assert again.status_code == 201
    assert (record["attempts"], record["charged"]) == (2, 1)
