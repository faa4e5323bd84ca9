"""The traces of `one_process`, for tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing_starter_kit.traces.spans import Span, load_spans

REPOSITORY = Path(__file__).parent.parent.parent


@dataclass(frozen=True)
class Played:
    """The output of `one_process`: traces by name, roots, and the headers sent."""

    document: dict[str, Any]

    def otlp(self, name: str) -> dict[str, Any]:
        """Return a trace as OTLP JSON."""
        document: dict[str, Any] = self.document["traces"][name]["otlp"]
        return document

    def spans(self, name: str) -> list[Span]:
        return load_spans(self.otlp(name))

    def order(self, name: str) -> str:
        return str(self.document["traces"][name]["order"])

    @property
    def all_spans(self) -> list[Span]:
        return [span for name in self.document["traces"] for span in self.spans(name)]


def play(folder: Path) -> Played:
    """Play all scenarios of `one_process`, in a process of its own."""
    run = subprocess.run(
        [sys.executable, "-m", "tests.contract.one_process", str(folder)],
        env={**os.environ, "TRACING": "kit", "OTEL_TRACES_EXPORTER": "none"}
        | {"OTEL_LOGS_EXPORTER": "none"},
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return Played(json.loads(run.stdout))
