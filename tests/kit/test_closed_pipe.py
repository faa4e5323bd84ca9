"""Every command that prints ends quietly when the reader of its output has gone.

As in `kit status | head -1`: no traceback, nothing on standard error.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.kit.parser import commands
from tests.ports import free_ports
from tracing_starter_kit.kit.closed_pipe import KILLED_BY_SIGPIPE
from tracing_starter_kit.kit.settings import ADDRESS_KEYS, PORT_KEYS, ROOT

LOG = str(ROOT / "tracing_starter_kit" / "workshop" / "logs" / "tasks.log")
TRACE_ID = "0a" * 16
SERVICES = ("gateway", "billing", "payments", "notifications")
RUNS = [
    ["status"],
    ["status", "--json"],
    ["trace", TRACE_ID],
    ["trace", TRACE_ID, "--json"],
    ["order"],
    ["order", "--json"],
    ["statements"],
    ["statements", "--json"],
    ["logs", LOG, "--output=-"],
    ["logs", LOG, "--output=traces.jsonl"],
    ["workshop", "start"],
    ["helpers", "list"],
    ["helpers", "list", "--json"],
    ["helpers", "add", "traced", "--into", "shop/tracing"],
]


def resource_spans(service: str) -> dict[str, object]:
    """The spans of a service: the nightly run's last task, without a parent."""
    span = {
        "traceId": TRACE_ID,
        "spanId": service.encode().hex()[:16],
        "name": "notifications.sum_up_statements",
        "kind": 5,
    }
    name = {"key": "service.name", "value": {"stringValue": service}}
    return {
        "resource": {"attributes": [name]},
        "scopeSpans": [{"spans": [span]}],
    }


class Demo(BaseHTTPRequestHandler):
    """Answers as the gateway, billing and the viewer do."""

    def do_GET(self) -> None:
        self.answer({"result": {"resourceSpans": [*map(resource_spans, SERVICES)]}})

    def do_POST(self) -> None:
        self.answer({"trace_id": TRACE_ID, "trace_url": "/", "order_id": "o-1"})

    def answer(self, document: object) -> None:
        body = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - theirs
        """Leave standard error alone."""


@pytest.fixture(scope="module")
def demo() -> Iterator[str]:
    """The address of a server that stands in for the demo."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Demo) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def environment(demo: str, tmp_path: Path) -> dict[str, str]:
    ports = zip(PORT_KEYS, map(str, free_ports(len(PORT_KEYS))), strict=True)
    return {
        **os.environ,
        **dict(ports),
        **dict.fromkeys(ADDRESS_KEYS.values(), demo),
        "KIT_STATE_DIR": str(tmp_path / "state"),
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "",
    }


def run_with_closed_output(
    arguments: list[str], folder: Path, environment: dict[str, str]
) -> tuple[int, str]:
    """Run a command whose output nobody reads; return its status and its errors."""
    reader, writer = os.pipe()
    os.close(reader)
    result = subprocess.run(
        [sys.executable, "-m", "tracing_starter_kit", *arguments],
        cwd=folder,
        env=environment,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    os.close(writer)
    return result.returncode, result.stderr


@pytest.mark.parametrize("arguments", RUNS, ids=" ".join)
def test_a_command_ends_quietly(
    arguments: list[str], tmp_path: Path, environment: dict[str, str]
) -> None:
    result = run_with_closed_output(arguments, tmp_path, environment)

    assert result == (KILLED_BY_SIGPIPE, "")


@pytest.mark.parametrize("command", commands())
def test_its_help_ends_quietly(
    command: str, tmp_path: Path, environment: dict[str, str]
) -> None:
    result = run_with_closed_output([command, "--help"], tmp_path, environment)

    assert result == (KILLED_BY_SIGPIPE, "")


def test_every_command_is_run_here_or_goes_on_without_its_reader() -> None:
    goes_on = {"up", "down", "stop", "start", "doctor", "viewer"}

    assert {arguments[0] for arguments in RUNS} | goes_on == set(commands())
