"""Spans counted at the sender, and in the real stores behind the Collector."""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.load import TRACE, encode_bodies, send, trace_ids
from benchmarks.pipeline import Jaeger
from tests.system.demo import await_
from tests.viewer.program import Program

PROTOBUF = {"Content-Type": "application/x-protobuf"}
ARRIVING = 90.0  # seconds; a machine that is busy, and a retry that has just waited


class Load:
    """Spans to send: `sent` is what the Collector has acknowledged, by trace."""

    def __init__(self, spans: int, seed: int = 1) -> None:
        self.spans = spans
        self.traces = trace_ids(seed, spans)
        self._bodies = encode_bodies(seed, spans)

    def send(self, otlp: str) -> None:
        """Send all of it; every request has to be acknowledged."""
        with requests.Session() as session:
            for body in self._bodies:
                answer = session.post(
                    f"{otlp}/v1/traces", body, headers=PROTOBUF, timeout=20
                )
                assert answer.status_code == 200, answer.text

    def send_until_taken(self, otlp: str) -> dict[str, float]:
        """Send all of it over several connections; what is refused is sent again."""
        return send(otlp, self._bodies)


def await_in_viewer(viewer: Program, spans: int) -> None:
    """Wait until the viewer has exactly so many spans."""
    await_(
        lambda: viewer.status()["spans"],
        lambda found: found == spans,
        lambda found: f"{found} of {spans} spans in the viewer",
        within=ARRIVING,
    )


def await_in_jaeger(store: Jaeger, traces: Iterable[str]) -> None:
    """Wait until Jaeger has every trace, with each of its spans once."""
    await_(
        lambda: incomplete(store, traces),
        lambda missing: not missing,
        lambda missing: f"{len(missing)} traces are not whole: {dict(missing[:5])}",
        within=ARRIVING,
    )


def incomplete(store: Jaeger, traces: Iterable[str]) -> list[tuple[str, int]]:
    """Return the traces that do not have their number of spans, and what they have."""
    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(lambda trace: (trace, count(store, trace)), traces)
        return [found for found in counts if found[1] != TRACE]


def count(store: Jaeger, trace: str) -> int:
    """Return how many spans Jaeger has of a trace."""
    answer = requests.get(f"{store.query}/api/v3/traces/{trace}", timeout=20)
    if not answer.ok:
        return 0
    groups = json.loads(answer.content)["result"]["resourceSpans"]
    return sum(len(s["spans"]) for group in groups for s in group["scopeSpans"])
