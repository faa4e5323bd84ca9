"""The real Collector and Jaeger with the files of `collector/`, on free ports.

    with jaeger(folder) as store, collector(folder, jaeger=store.otlp) as gateway:
        …                                  # send to gateway.otlp, query store.query
        gateway.kill(); gateway.start()    # any number of times, same ports and folders

It needs `otelcol-contrib` and `jaeger` on the PATH. `benchmarks.backends` starts Jaeger
with a configuration of its own, as a peer of the viewer.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any, Self

CONFIGURATIONS = Path(__file__).parents[1] / "collector"
PROGRAMS = ("otelcol-contrib", "jaeger")
START_TIMEOUT = 60.0  # seconds until a program must answer, on a busy machine
STOP_TIMEOUT = 30.0  # seconds to end after SIGTERM, before SIGKILL
NOWHERE = "http://127.0.0.1:9"  # the discard port: nothing listens


@dataclass
class Program:
    """A program that can be stopped and started again on the same ports and files."""

    command: list[str]
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    folder: Path
    ready: str
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """The file with the program's output."""
        return self.folder / "log"

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self.process, f"{self.command[0]} is not running"
        return self.process.pid

    def address(self, port: str) -> str:
        """Return host and port of one of its ports."""
        return f"127.0.0.1:{self.ports[port]}"

    def start(self) -> None:
        """Start the program, and return once it answers.

        Raises:
            RuntimeError: It ended or does not answer in time; with its last output.
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + START_TIMEOUT
        while not _answers(self.ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                output = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.command[0]} did not start:\n{output}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End the program with SIGTERM, and wait for its end."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """End the program with SIGKILL."""
        self._end(subprocess.Popen.kill)

    def _end(self, send_signal: Callable[[subprocess.Popen[bytes]], None]) -> None:
        if not self.process:
            return
        send_signal(self.process)
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class Collector(Program):
    """The Collector, with the places of its input, its queues and its metrics."""

    @property
    def otlp(self) -> str:
        """The address of OTLP over HTTP."""
        return f"http://{self.address('http')}"

    @property
    def queue(self) -> Path:
        """The folder of the queues' files."""
        return self.folder / "queue"

    def metrics(self, port: str = "own") -> str:
        """Return its own metrics, or with "prometheus" those that it makes of spans."""
        with urllib.request.urlopen(f"http://{self.address(port)}/metrics") as answer:
            text: str = answer.read().decode()
            return text


class Jaeger(Program):
    """Jaeger, with the places of its input, its query API and its files."""

    @property
    def otlp(self) -> str:
        """The address of OTLP over HTTP."""
        return f"http://{self.address('http')}"

    @property
    def query(self) -> str:
        """The address of its page and its query API."""
        return f"http://{self.address('query')}"

    @property
    def data(self) -> Path:
        """The folder of Badger's files."""
        return self.folder / "badger"


def collector(
    folder: Path,
    *,
    jaeger: str = NOWHERE,
    viewer: str = NOWHERE,
    over: tuple[str, ...] = (),
    change: Mapping[str, Any] | None = None,
    **environment: str,
) -> Collector:
    """Return a Collector that sends to Jaeger and the viewer; it is not started.

    Args:
        folder: The folder for its queue and its log; created if missing.
        jaeger: Address of Jaeger's OTLP over HTTP.
        viewer: Address of the viewer's OTLP over HTTP.
        over: Files of `collector/` that override `collector.yaml`.
        change: Settings that override those files.
        environment: More environment variables.
    """
    ports = free_ports("grpc", "http", "health", "prometheus", "own")
    home = folder / "collector"
    configurations = [CONFIGURATIONS / name for name in ("collector.yaml", *over)]
    configurations += [
        _write(home / "ports.json", _collector_ports(ports)),
        _write(home / "change.json", change or {}),
    ]
    return Collector(
        command=_command("otelcol-contrib", configurations),
        environment={
            "JAEGER_OTLP_ENDPOINT": jaeger,
            "VIEWER_OTLP_ENDPOINT": viewer,
            "QUEUE_DIRECTORY": str(home / "queue"),
            **environment,
        },
        ports=ports,
        folder=home,
        ready=f"http://127.0.0.1:{ports['health']}/",
    )


def jaeger(folder: Path, **environment: str) -> Jaeger:
    """Return a Jaeger with its store in the folder; it is not started."""
    ports = free_ports("http", "query", "query_grpc", "health", "own")
    home = folder / "jaeger"
    configurations = [
        CONFIGURATIONS / "jaeger.yaml",
        _write(home / "ports.json", _jaeger_ports(ports)),
    ]
    return Jaeger(
        command=_command("jaeger", configurations),
        environment={
            "BADGER_DIRECTORY": str(home / "badger"),
            "JAEGER_UI_CONFIG": str(CONFIGURATIONS / "jaeger-ui.json"),
            **environment,
        },
        ports=ports,
        folder=home,
        ready=f"http://127.0.0.1:{ports['health']}/status",
    )


def free_ports(*names: str) -> dict[str, int]:
    """Return a free port for each name."""
    # All are open at the same time, so that no port is returned twice.
    with ExitStack() as stack:
        probes = {name: stack.enter_context(socket()) for name in names}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: probe.getsockname()[1] for name, probe in probes.items()}


def missing_programs() -> list[str]:
    """Return the programs that are not on the PATH."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def _command(program: str, configurations: list[Path]) -> list[str]:
    return [program, *(f"--config={file}" for file in configurations)]


def _write(file: Path, content: Mapping[str, Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(content))  # JSON is YAML
    return file


def _collector_ports(ports: Mapping[str, int]) -> dict[str, Any]:
    at = {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items()}
    return {
        "receivers": {"otlp": {"protocols": {"grpc": at["grpc"], "http": at["http"]}}},
        "exporters": {"prometheus": at["prometheus"]},
        "extensions": {"health_check": at["health"]},
        "service": {"telemetry": _own_metrics(ports["own"])},
    }


def _jaeger_ports(ports: Mapping[str, int]) -> dict[str, Any]:
    at = {name: {"endpoint": f"127.0.0.1:{port}"} for name, port in ports.items()}
    return {
        "receivers": {"otlp": {"protocols": {"http": at["http"]}}},
        "extensions": {
            "jaeger_query": {"http": at["query"], "grpc": at["query_grpc"]},
            "healthcheckv2": {"http": at["health"]},
        },
        "service": {"telemetry": _own_metrics(ports["own"])},
    }


def _own_metrics(port: int) -> dict[str, Any]:
    exporter = {"prometheus": {"host": "127.0.0.1", "port": port}}
    return {"metrics": {"readers": [{"pull": {"exporter": exporter}}]}}


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
