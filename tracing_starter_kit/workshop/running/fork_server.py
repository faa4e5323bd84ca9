"""A process that has imported the libraries already, and forks into programs.

    python -m tracing_starter_kit.workshop.running.fork_server

Starting Flask, Celery and OpenTelemetry takes a second or more; forking a process that
has them takes a few milliseconds, so a saved file is checked at once. It reads one job
a line from standard input (see `launcher.py`) and reports on standard output; it ends
when its input does, and takes its programs with it.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import selectors
import signal
import sys
from typing import Any

LIBRARIES = (
    "flask",
    "celery",
    "celery.apps.worker",
    "celery.worker.consumer",
    "celery.loaders.app",
    "kombu.transport.redis",
    "redis",
    "requests",
    "sqlalchemy",
    "sqlalchemy.dialects.sqlite",
    "opentelemetry.sdk.trace.export",
    "opentelemetry.exporter.otlp.proto.http.trace_exporter",
    "opentelemetry.instrumentation.requests",
    "opentelemetry.instrumentation.sqlalchemy",
    "tracing_starter_kit.workshop.running.child",
)


def main() -> None:
    """Fork a child for each job until nobody asks any more."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    report(event="warm")
    children: dict[int, str] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        asked = b""
        while True:
            if selector.select(0.01):
                chunk = os.read(sys.stdin.fileno(), 65536)
                if not chunk:
                    break
                asked += chunk
                *jobs, asked = asked.split(b"\n")
                for line in jobs:
                    start(json.loads(line), children)
            reap(children)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def report(**message: Any) -> None:
    """Write one line to whoever asked; a line this short is written whole."""
    os.write(1, json.dumps(message).encode() + b"\n")


def start(job: dict[str, Any], children: dict[int, str]) -> None:
    """Fork, and become the program that the job describes."""
    pid = os.fork()
    if pid == 0:
        from tracing_starter_kit.workshop.running.child import become

        become(job)
    children[pid] = job["id"]
    report(event="started", id=job["id"], pid=pid)


def reap(children: dict[int, str]) -> None:
    """Report the programs that have ended."""
    while children:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        if pid in children:
            code = os.waitstatus_to_exitcode(status)
            report(event="ended", id=children.pop(pid), code=code)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()
