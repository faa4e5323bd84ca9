"""The viewer as a program: it starts and stops, or exits with one sentence."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import requests

from tests.viewer.program import PORTS, Program, command, running
from tests.viewer.telemetry import PROTOBUF, new_span, traces


@pytest.fixture
def program(data: Path) -> Iterator[Program]:
    with running(data) as program:
        yield program


def failed_start(data: Path, **options: int) -> str:
    """Start the viewer where it cannot start; return the one line that it prints."""
    process = subprocess.run(
        command(data, **options), capture_output=True, text=True, timeout=60
    )
    assert (process.returncode, process.stdout) == (1, "")
    (line,) = process.stderr.splitlines()
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_quietly_and_soon(program: Program, number: signal.Signals) -> None:
    started = time.monotonic()

    program.process.send_signal(number)
    _, errors = program.process.communicate(timeout=20)

    assert (program.process.returncode, errors) == (0, "")
    assert time.monotonic() - started < 5


def test_it_ends_although_a_page_is_open(program: Program) -> None:
    with requests.get(f"{program.page}/api/x/live", stream=True, timeout=10) as live:
        assert live.status_code == 200
        program.process.terminate()
        _, errors = program.process.communicate(timeout=20)

    assert (program.process.returncode, errors) == (0, "")


def test_a_request_that_has_begun_is_answered_before_the_end(
    program: Program,
) -> None:
    body = traces(new_span()).SerializeToString()
    with socket.create_connection(("127.0.0.1", program.ports["otlp_http_port"])) as to:
        head = f"POST /v1/traces HTTP/1.1\r\nHost: x\r\nContent-Type: {PROTOBUF}\r\n"
        to.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-1])
        # The viewer has read that much when it answers a later request.
        requests.get(program.otlp, timeout=10)
        program.process.terminate()
        to.sendall(body[-1:])

        assert to.recv(1000).startswith(b"HTTP/1.1 200")


def test_it_listens_on_the_loopback_address_only(program: Program) -> None:
    connections = psutil.Process(program.process.pid).net_connections(kind="tcp")

    listening = {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}
    assert {a.ip.removeprefix("::ffff:") for a in listening} == {"127.0.0.1"}
    assert {a.port for a in listening} == set(program.ports.values())


def test_a_second_viewer_on_the_same_file_exits_with_the_process_id_of_the_first(
    program: Program, data: Path
) -> None:
    line = failed_start(data)

    assert f"process {program.process.pid}" in line
    assert str(data / "spans.duckdb") in line


@pytest.mark.parametrize("port", PORTS)
def test_a_port_that_is_taken_is_named(data: Path, port: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]

        line = failed_start(data, **{port: number})

    assert f"port {number}" in line
    assert "is taken" in line


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert "cannot write in" in failed_start(tmp_path / "file")


def test_a_file_that_is_not_a_database_is_named(data: Path) -> None:
    data.mkdir()
    (data / "spans.duckdb").write_bytes(bytes(10_000))

    line = failed_start(data)

    assert str(data / "spans.duckdb") in line
    assert "move it away" in line
