"""What a process loses at its end, what it says, and what a fork no longer breaks."""

from __future__ import annotations

import subprocess
import sys

from tests.instrumentation.processes import REFUSED, ROOT, environment, python
from tests.instrumentation.receiver import Receiver
from tests.long.pitfalls.conftest import Expect

PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"


def run(kind: str, what: str, endpoint: str, **variables: str) -> str:
    """Run the program to its end, and return all that it said."""
    command = [sys.executable, "-m", "tests.long.pitfalls.process", kind, what]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(endpoint, **variables),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


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


def test_what_sets_itself_up_asks_for_grpc() -> None:
    """A child forked while gRPC sends may hang: too rarely to be shown by a test."""
    distro = "from opentelemetry.distro import OpenTelemetryDistro as Distro; import os"

    asked = python(f"{distro}; Distro().configure(); print(os.environ['{PROTOCOL}'])")

    assert asked == "grpc\n"


def test_the_helper_sends_over_http_when_asked_for_grpc(receiver: Receiver) -> None:
    said = run("kit", "end", receiver.endpoint, **{PROTOCOL: "grpc"})

    assert "spans go over HTTP" in said
    assert receiver.names() == ["work"]
