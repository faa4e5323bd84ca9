"""Starts the programs of `programs/` as real processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = "tests.instrumentation.programs"
REFUSED = "http://127.0.0.1:9"  # the discard port: nothing listens there


def environment(endpoint: str, **more: str) -> dict[str, str]:
    """Return this process's environment, without its OTEL_* and CI variables."""
    others = {k: v for k, v in os.environ.items() if not k.startswith(("OTEL_", "GIT"))}
    ours = {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "PYTHONPATH": str(ROOT)}
    return {**others, **ours, **more}


def start(*command: str, endpoint: str, **more: str) -> subprocess.Popen[str]:
    """Start a command at the top of the repository; `more` are its variables."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(endpoint, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def run(program: str, *arguments: str, endpoint: str, **more: str) -> str:
    """Run a program to its end and return its output."""
    command = (sys.executable, "-m", f"{PROGRAMS}.{program}", *arguments)
    process = start(*command, endpoint=endpoint, **more)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    return output


def seconds_from_ending_to_end(*arguments: str, endpoint: str) -> tuple[float, str]:
    """Run `script` and measure from its line "ending" to the end of the process."""
    command = (sys.executable, "-m", f"{PROGRAMS}.script", *arguments)
    process = start(*command, endpoint=endpoint)
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("ending"):
            break
    ending = time.monotonic()
    remaining, _ = process.communicate(timeout=30)
    return time.monotonic() - ending, "".join(lines) + remaining


def python(code: str) -> str:
    """Run a line of Python and return its output and errors."""
    command = [sys.executable, "-c", code]
    process = subprocess.run(
        command, cwd=ROOT, env=environment(REFUSED), capture_output=True, text=True
    )
    return process.stdout + process.stderr
