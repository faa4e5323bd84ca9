"""The backends that benchmarks compare: the viewer, and the real Jaeger 2.

    with viewer(folder) as backend: …          # .otlp, .query, .pid
    with jaeger(folder, program, storage="badger") as backend: …

Each runs in a process of its own, on free ports.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START_TIMEOUT = 20.0  # seconds until a backend must answer

MEMORY = {"memory": {"max_traces": 10_000_000}}


@dataclass(frozen=True)
class Backend:
    """A running backend: its addresses for spans and for queries, its process."""

    name: str
    otlp: str
    query: str
    pid: int


@contextmanager
def viewer(folder: Path) -> Iterator[Backend]:
    """Start the viewer of this repository on free ports."""
    ports = ("--http-port=0", "--otlp-http-port=0", "--otlp-grpc-port=0")
    program = [sys.executable, "-m", "tracing_starter_kit.viewer"]
    command = [*program, f"--data={folder / 'viewer'}", *ports]
    with _running(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        port_of = json.loads(process.stdout.readline())
        otlp = f"http://127.0.0.1:{port_of['otlp_http_port']}"
        query = f"http://127.0.0.1:{port_of['http_port']}"
        yield Backend("viewer", otlp, query, process.pid)


@contextmanager
def jaeger(folder: Path, program: Path, *, storage: str) -> Iterator[Backend]:
    """Start Jaeger 2 with the storage `memory` or `badger`, on free ports."""
    home = folder / storage
    home.mkdir()
    otlp, query, grpc = (f"127.0.0.1:{_free_port()}" for _ in range(3))
    config = home / "config.json"  # JSON is YAML
    config.write_text(json.dumps(_jaeger_config(home, storage, otlp, query, grpc)))
    with (home / "log").open("wb") as log:
        command = [str(program), "--config", str(config)]
        with _running(command, stdout=log, stderr=log) as process:
            _wait_for(f"http://{query}/api/v3/services")
            name = f"Jaeger, {storage}"
            yield Backend(name, f"http://{otlp}", f"http://{query}", process.pid)


def _jaeger_config(
    home: Path, storage: str, otlp: str, query: str, grpc: str
) -> dict[str, object]:
    directories = {"keys": str(home / "keys"), "values": str(home / "values")}
    badger = {"badger": {"directories": directories, "ephemeral": False}}
    return {
        "service": {
            "extensions": ["jaeger_storage", "jaeger_query"],
            "pipelines": {
                "traces": {
                    "receivers": ["otlp"],
                    "exporters": ["jaeger_storage_exporter"],
                }
            },
            "telemetry": {"metrics": {"level": "none"}, "logs": {"level": "warn"}},
        },
        "extensions": {
            "jaeger_storage": {
                "backends": {"main": MEMORY if storage == "memory" else badger}
            },
            "jaeger_query": {
                "storage": {"traces": "main"},
                "http": {"endpoint": query},
                "grpc": {"endpoint": grpc},
            },
        },
        "receivers": {"otlp": {"protocols": {"http": {"endpoint": otlp}}}},
        "exporters": {"jaeger_storage_exporter": {"trace_storage": "main"}},
    }


@contextmanager
def _running(command: list[str], **files: object) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, **files)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while True:
        try:
            urllib.request.urlopen(url).close()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
