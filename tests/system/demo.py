"""The demo as users start it: `kit` in a process, with its own ports and folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil
import requests

from tests.ports import free_ports
from tracing_starter_kit.kit.demo.state import MARK
from tracing_starter_kit.kit.settings import PORT_KEYS, ROOT
from tracing_starter_kit.traces.spans import Span, load_spans

SETTLE = 20.0  # seconds
T = TypeVar("T")


@dataclass(frozen=True)
class Demo:
    """A state folder and ports; nothing runs until `kit up`."""

    state: Path
    ports: Mapping[str, int]
    tracing: str = "kit"

    @property
    def environment(self) -> dict[str, str]:
        ports = {key: str(port) for key, port in self.ports.items()}
        own = {"KIT_STATE_DIR": str(self.state), "TRACING": self.tracing}
        return {**os.environ, **ports, **own}

    def url(self, key: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[key]}{path}"

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "tracing_starter_kit", *arguments]

    def kit(
        self, *arguments: str, within: float = 90
    ) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            self.command(*arguments),
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )

    def kit_json(self, *arguments: str) -> Any:
        answer = self.kit(*arguments, "--json")
        assert answer.stdout, answer.stderr
        return json.loads(answer.stdout)

    def spans(self, trace_id: str) -> list[Span]:
        """Return the spans of a trace that the viewer has now."""
        address = self.url("VIEWER_PORT", f"/api/v3/traces/{trace_id}")
        answer = requests.get(address, timeout=10)
        return load_spans(answer.json()) if answer.ok else []

    def await_spans(
        self, trace_id: str, missing: Callable[[list[Span]], list[str]]
    ) -> list[Span]:
        """Return the trace once none of the named spans is missing."""
        return await_(
            lambda: self.spans(trace_id),
            lambda spans: not missing(spans),
            lambda spans: f"trace {trace_id} lacks {missing(spans)}",
        )

    def span_count(self) -> int:
        """Return how many spans the viewer holds."""
        answer = requests.get(self.url("VIEWER_PORT", "/api/x/status"), timeout=10)
        return int(answer.json()["spans"])

    def summaries(self, **query: object) -> list[dict[str, Any]]:
        """Return the newest traces, as the page lists them."""
        address = self.url("VIEWER_PORT", "/api/x/traces")
        params = {name: str(value) for name, value in query.items()}
        answer: dict[str, Any] = requests.get(address, params=params, timeout=10).json()
        return list(answer["traces"])

    def span_counts(self, since: float) -> dict[str, int]:
        """Return the span count of each trace since a time; {} without a viewer."""
        try:
            rows = self.summaries(limit=1500, start=int(since * 1e6))
        except requests.ConnectionError:
            return {}
        return {row["traceId"]: row["spanCount"] for row in rows}

    def pid(self, program: str) -> int:
        rows = self.kit_json("status")["programs"]
        return next(int(row["pid"]) for row in rows if row["name"] == program)

    def log(self, program: str) -> str:
        return (self.state / "logs" / f"{program}.log").read_text(errors="replace")

    def processes(self) -> list[psutil.Process]:
        """Return every process of this demo, by its mark or its folder."""
        return [p for p in psutil.process_iter() if self._owns(p)]

    def _owns(self, process: psutil.Process) -> bool:
        try:
            is_marked = process.environ().get(MARK) == str(self.state)
            is_broker = str(self.state) in " ".join(process.cmdline())
            return (is_marked or is_broker) and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.Error, OSError):
            return False


def new_demo(state: Path, tracing: str = "kit") -> Demo:
    """Return a demo on ports that are free now."""
    ports = zip(PORT_KEYS, free_ports(len(PORT_KEYS)), strict=True)
    return Demo(state, dict(ports), tracing)


def await_(
    read: Callable[[], T],
    is_done: Callable[[T], bool],
    complaint: Callable[[T], str],
    within: float = SETTLE,
) -> T:
    """Read a value until it fulfils a condition; else fail with the complaint."""
    deadline = time.monotonic() + within
    while not is_done(value := read()):
        if time.monotonic() > deadline:
            raise AssertionError(complaint(value))
        time.sleep(0.05)
    return value
