"""A process with the libraries imported, which forks into the learner's programs.

    python -m tracing_starter_kit.workshop.running.fork_server

Starting Flask, Celery and OpenTelemetry takes a second or more; a fork takes a few
milliseconds, so the check of a saved file is quick. The process reads one job a line
from standard input (see `launcher.py`) and reports on standard output. It ends when
its input ends, and kills its programs then.
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
    """Fork a child for each job until standard input ends."""
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    report(event="ready to fork")
    children: dict[int, str] = {}
    with selectors.DefaultSelector() as selector:
        selector.register(sys.stdin.fileno(), selectors.EVENT_READ)
        unfinished_line = b""
        while True:
            if selector.select(0.01):
                chunk = os.read(sys.stdin.fileno(), 65536)
                if not chunk:
                    break
                *jobs, unfinished_line = (unfinished_line + chunk).split(b"\n")
                for line in jobs:
                    start(json.loads(line), children)
            reap(children)
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def report(**message: Any) -> None:
    """Write one line to the launcher; a line this short is written whole."""
    os.write(1, json.dumps(message).encode() + b"\n")


def start(job: dict[str, Any], children: dict[int, str]) -> None:
    """Fork, and run the program of the job in the child."""
    pid = os.fork()
    if pid == 0:
        from tracing_starter_kit.workshop.running.child import run_job

        run_job(job)
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
