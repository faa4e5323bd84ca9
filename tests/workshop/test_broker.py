"""The queue server of the exercises ends with its user."""

from __future__ import annotations

import socket
import subprocess
import sys

from tests.system.demo import await_
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.workshop.running.broker import HOST, Broker

HOLDER = """
from tracing_starter_kit.workshop.running.broker import Broker
with Broker() as broker:
    print(broker.url, flush=True)
    input()
"""


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2].partition("/")[0])


def test_it_ends_with_its_block() -> None:
    with Broker() as broker:
        port = port_of(broker.url)
        assert listens(port)

    assert not listens(port)


def test_it_ends_with_a_process_that_was_killed() -> None:
    """A closed terminal kills a process before it can clean up."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        port = port_of(holder.stdout.readline().strip())
        assert listens(port)
        holder.kill()

    await_(lambda: listens(port), lambda up: not up, lambda _: f"{port} still listens")
