"""The real Collector and Jaeger with the files of `collector/`, on free ports.

    with jaeger(folder) as store, collector(folder, jaeger=store.otlp) as way:
        …                             # way.otlp takes spans, store.query is asked
        way.kill(); way.start()       # as often as is wanted, same ports and folders

Needs `otelcol-contrib` and `jaeger` on the PATH. `benchmarks.backends` has Jaeger as a
peer of the viewer, with a configuration of its own.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Any, Self

CONFIGURATIONS = Path(__file__).parents[1] / "collector"
PROGRAMS = ("otelcol-contrib", "jaeger")
STARTING = 60.0  # seconds until a program must answer, on a machine that is busy
ENDING = 30.0  # seconds to end after a polite signal; then it is killed
NOWHERE = "http://127.0.0.1:9"  # the discard port: nobody listens


@dataclass
class Program:
    """A program that can be ended and started again, with the same ports and files."""

    command: list[str]
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    folder: Path
    ready: str
    process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def log(self) -> Path:
        """The file with all that it said."""
        return self.folder / "log"

    @property
    def pid(self) -> int:
        """The number of the process that runs now."""
        assert self.process, f"{self.command[0]} does not run"
        return self.process.pid

    def address(self, port: str) -> str:
        """Return host and port of one of its ports."""
        return f"127.0.0.1:{self.ports[port]}"

    def start(self) -> None:
        """Start it, and return once it answers.

        Raises:
            RuntimeError: It ended, or does not answer in time; with its last words.
        """
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env={**os.environ, **self.environment},
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + STARTING
        while not _answers(self.ready):
            if self.process.poll() is not None or time.monotonic() > deadline:
                last = self.log.read_text(errors="replace")[-2000:]
                raise RuntimeError(f"{self.command[0]} did not start:\n{last}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it politely, and wait until it is gone."""
        self._end(subprocess.Popen.terminate)

    def kill(self) -> None:
        """End it as `kill -9` does."""
        self._end(subprocess.Popen.kill)

    def _end(self, how: Any) -> None:
        if not self.process:
            return
        how(self.process)
        try:
            self.process.wait(ENDING)
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
    """The Collector: where it takes telemetry, where its queues lie."""

    @property
    def otlp(self) -> str:
        """The address of OTLP over HTTP."""
        return f"http://{self.address('http')}"

    @property
    def queue(self) -> Path:
        """The folder of the queues' files."""
        return self.folder / "queue"

    def metrics(self, port: str = "own") -> str:
        """Return its own metrics, or with "prometheus" what it counts from spans."""
        with urllib.request.urlopen(f"http://{self.address(port)}/metrics") as answer:
            text: str = answer.read().decode()
            return text


class Jaeger(Program):
    """Jaeger: where the Collector sends, where it is asked, where its files lie."""

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
    """Return a Collector that sends to these two, and does not run yet.

    Args:
        folder: Where its queue and its log go; made if it is not there.
        jaeger: Address of Jaeger's OTLP over HTTP.
        viewer: Address of the viewer's.
        over: Files of `collector/` that lie over `collector.yaml`.
        change: Settings that lie over those files.
        environment: Variables beside the ones that this sets.
    """
    ports = free_ports("grpc", "http", "health", "prometheus", "own")
    home = folder / "collector"
    configurations = [CONFIGURATIONS / name for name in ("collector.yaml", *over)]
    configurations += [
        _written(home / "ports.json", _collector_ports(ports)),
        _written(home / "change.json", change or {}),
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
    """Return a Jaeger whose store lies in the folder, and which does not run yet."""
    ports = free_ports("http", "query", "query_grpc", "health", "own")
    home = folder / "jaeger"
    configurations = [
        CONFIGURATIONS / "jaeger.yaml",
        _written(home / "ports.json", _jaeger_ports(ports)),
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
    # All are held at once, so that no port is handed out twice.
    with ExitStack() as held:
        probes = {name: held.enter_context(socket()) for name in names}
        for probe in probes.values():
            probe.bind(("127.0.0.1", 0))
        return {name: probe.getsockname()[1] for name, probe in probes.items()}


def missing_programs() -> list[str]:
    """Return those of the two programs that are not on the PATH."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def _command(program: str, configurations: list[Path]) -> list[str]:
    return [program, *(f"--config={file}" for file in configurations)]


def _written(file: Path, content: Mapping[str, Any]) -> Path:
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
