"""The end of a process, its log lines, and a fork that no longer breaks anything."""

from __future__ import annotations

import subprocess
import sys

from tests.instrumentation.processes import REFUSED, ROOT, environment, python
from tests.instrumentation.receiver import Receiver
from tests.long.pitfalls.conftest import Expect

PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"


def run(kind: str, action: str, endpoint: str, **variables: str) -> str:
    """Run the program to its end, and return its output and errors."""
    command = [sys.executable, "-m", "tests.long.pitfalls.process", kind, action]
    process = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(endpoint, **variables),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout + process.stderr


def test_processors_side_by_side_send_nothing_at_the_end(
    kind: str, receiver: Receiver, expect: Expect
) -> None:
    run(kind, "side by side", receiver.endpoint)

    expect(receiver.names(), stock=[], kit=["work"])


def test_a_dead_collector_is_a_line_for_each_attempt(kind: str, expect: Expect) -> None:
    lines = run(kind, "end", REFUSED).count("LOGGED")

    expect(lines > 1, stock=True, kit=False)


def test_a_fork_no_longer_breaks_the_batches(kind: str, receiver: Receiver) -> None:
    run(kind, "fork", receiver.endpoint)

    assert receiver.names() == ["work", "work"]


def test_the_distribution_chooses_grpc() -> None:
    """A child forked while gRPC sends may hang: too rarely to be shown by a test."""
    distro = "from opentelemetry.distro import OpenTelemetryDistro as Distro; import os"

    output = python(f"{distro}; Distro().configure(); print(os.environ['{PROTOCOL}'])")

    assert output == "grpc\n"


def test_the_helper_sends_over_http_where_a_variable_chooses_grpc(
    receiver: Receiver,
) -> None:
    output = run("kit", "end", receiver.endpoint, **{PROTOCOL: "grpc"})

    assert "spans go over HTTP" in output
    assert receiver.names() == ["work"]
