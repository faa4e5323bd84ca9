"""`kit up` and `kit down` as processes: first start, Ctrl-C, kills, taken ports."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Iterator

import pytest

from tests.system.demo import Demo, await_
from tests.system.terminal import Terminal


@pytest.fixture
def terminal(idle_demo: Demo) -> Iterator[Terminal]:
    terminal = Terminal(idle_demo.command("up"), idle_demo.environment)
    yield terminal
    terminal.close()


def test_up_shows_the_first_order_then_a_line_for_each_and_ctrl_c_ends_all(
    idle_demo: Demo, terminal: Terminal
) -> None:
    text = terminal.expect(r"To end it +Ctrl-C")
    assert re.search(r"gateway.*POST /orders.*demo_services/gateway/\w+\.py:\d+", text)
    trace_id = idle_demo.kit_json("order")["trace_id"]
    terminal.expect(rf"order .*\d+ spans.*/trace/{trace_id}")

    interrupted = time.monotonic()
    terminal.process.send_signal(signal.SIGINT)
    status = terminal.process.wait(10)

    assert time.monotonic() - interrupted <= 3
    assert (status, idle_demo.processes()) == (0, [])


def test_after_a_kill_of_everything_the_next_start_works(idle_demo: Demo) -> None:
    assert idle_demo.kit("up", "--detach").returncode == 0
    os.kill(idle_demo.pid("kit"), signal.SIGKILL)
    assert idle_demo.processes() != []

    again = idle_demo.kit("up", "--detach")

    assert again.returncode == 0, again.stdout
    assert "Ended leftover processes of an earlier start" in again.stdout
    assert idle_demo.kit_json("order")["status"] == 201


def test_up_of_a_running_demo_shows_its_address_and_starts_nothing(demo: Demo) -> None:
    before = demo.pid("gateway")

    again = demo.kit("up")

    assert (again.returncode, demo.pid("gateway")) == (0, before)
    assert demo.url("VIEWER_PORT") in again.stdout


def test_a_dead_program_is_named_with_its_log_and_started_again(
    demo: Demo,
) -> None:
    os.kill(demo.pid("payments"), signal.SIGKILL)

    text = await_(
        lambda: demo.log("kit"),
        lambda text: "payments is started again" in text,
        lambda text: f"no restart of payments in:\n{text}",
    )

    assert "payments died (ended by SIGKILL)." in text
    assert "The whole log: " in text
    assert "payments.log" in text
    await_(
        lambda: demo.kit_json("order")["status"],
        lambda status: status == 201,
        lambda status: f"an order is answered with {status}",
    )


def test_a_taken_port_is_named_before_anything_starts(idle_demo: Demo) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", idle_demo.ports["BILLING_PORT"]))
        holder.listen()

        answer = idle_demo.kit("up")

    assert answer.returncode == 1
    assert "(BILLING_PORT) is in use by " in answer.stdout
    assert f"(pid {os.getpid()}: " in answer.stdout
    assert "set BILLING_PORT to another port in .env" in answer.stdout
    assert idle_demo.processes() == []


def test_a_program_that_cannot_start_ends_the_start_with_its_log(
    idle_demo: Demo,
) -> None:
    # The broker needs a folder there: it prints an error and ends.
    broken = idle_demo.state / "data" / "broker" / "appendonlydir"
    broken.parent.mkdir(parents=True)
    broken.write_text("a file where a folder is needed")

    answer = idle_demo.kit("up")

    assert answer.returncode == 1
    assert "broker died" in answer.stdout
    assert "appendonlydir" in answer.stdout
    assert idle_demo.processes() == []


def test_nothing_listens_beyond_loopback(demo: Demo) -> None:
    addresses = {
        connection.laddr.ip.removeprefix("::ffff:")  # gRPC's way to write IPv4
        for process in demo.processes()
        for connection in process.net_connections()
        if connection.status == "LISTEN"
    }

    assert addresses == {"127.0.0.1"}


def test_all_processes_together_take_at_most_600_mb(idle_demo: Demo) -> None:
    assert idle_demo.kit("up", "--detach").returncode == 0

    print(idle_demo.kit("status").stdout)
    assert idle_demo.kit_json("status")["memory"] <= 600e6
