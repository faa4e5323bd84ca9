from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from tracing_starter_kit.kit.demo.ports import shared_ports, taken_ports


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_taken_port_is_named_with_its_setting_and_its_holder(
    listener: socket.socket,
) -> None:
    port = listener.getsockname()[1]

    (port_in_use,) = taken_ports({"VIEWER_PORT": port})

    assert f"Port {port} (VIEWER_PORT) is in use by" in port_in_use.sentence()
    assert f"pid {os.getpid()}" in port_in_use.sentence()
    assert "set VIEWER_PORT to another port" in port_in_use.sentence()


def test_a_free_port_is_not_a_problem(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()

    assert taken_ports({"VIEWER_PORT": port}) == []


def test_two_settings_with_one_port_are_named() -> None:
    (sentence,) = shared_ports({"A_PORT": 1, "B_PORT": 2, "C_PORT": 1})

    assert sentence.startswith("Port 1 is set twice: A_PORT and C_PORT.")
