"""The viewer in a process of its own, on free ports."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

PORTS = ("http_port", "otlp_http_port", "otlp_grpc_port")


@dataclass(frozen=True)
class Program:
    process: subprocess.Popen[str]
    ports: dict[str, int]

    @property
    def otlp(self) -> str:
        return f"http://127.0.0.1:{self.ports['otlp_http_port']}"

    @property
    def page(self) -> str:
        return f"http://127.0.0.1:{self.ports['http_port']}"

    def status(self) -> dict[str, int]:
        answer = requests.get(f"{self.page}/api/x/status", timeout=10)
        status: dict[str, int] = answer.json()
        return status


def command(data: Path, **options: int) -> list[str]:
    values = dict.fromkeys(PORTS, 0) | options
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]
    program = [sys.executable, "-m", "tracing_starter_kit.viewer"]
    return [*program, f"--data={data}", *flags]


@contextmanager
def running(data: Path, **options: int) -> Iterator[Program]:
    """Start the viewer and wait until it prints its ports; kill it in the end."""
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(data, **options), stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            yield Program(process, json.loads(line))
        finally:
            process.kill()
