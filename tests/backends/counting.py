"""Counts spans: those sent, and those in the stores behind the Collector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.load import TRACE, encode_bodies, send, trace_ids
from tests.system.demo import await_

PROTOBUF = {"Content-Type": "application/x-protobuf"}
ARRIVING = 180.0  # seconds, on a busy machine, with one more wait of a retry


class Load:
    """Spans to send to a Collector, and the ids of their traces."""

    def __init__(self, spans: int, seed: int = 1) -> None:
        self.spans = spans
        self.traces = trace_ids(seed, spans)
        self._bodies = encode_bodies(seed, spans)

    def send(self, otlp: str) -> None:
        """Send all spans; every request must be acknowledged."""
        for _ in self.sending(otlp):
            pass

    def sending(self, otlp: str) -> Iterator[int]:
        """Send a request for each step, which must be acknowledged; yield numbers."""
        with requests.Session() as session:
            for number, body in enumerate(self._bodies, 1):
                answer = session.post(
                    f"{otlp}/v1/traces", body, headers=PROTOBUF, timeout=20
                )
                assert answer.status_code == 200, answer.text
                yield number

    def send_until_taken(self, otlp: str) -> dict[str, float]:
        """Send all spans over several connections; repeat refused requests."""
        return send(otlp, self._bodies)


def await_complete(query: str, traces: Iterable[str]) -> None:
    """Wait until a store has every trace, each span once.

    Args:
        query: The address of Jaeger's `/api/v3`: Jaeger itself, or the viewer.
        traces: The trace ids of a `Load`.
    """
    missing = dict.fromkeys(traces, 0)

    def read() -> dict[str, int]:
        """Count the traces again that were incomplete the last time."""
        nonlocal missing
        with ThreadPoolExecutor(4) as pool:
            counts = pool.map(lambda trace: (trace, count(query, trace)), missing)
            missing = {trace: spans for trace, spans in counts if spans != TRACE}
        return missing

    await_(
        read,
        lambda missing: not missing,
        lambda missing: (
            f"{query}: {len(missing)} incomplete traces: {list(missing.items())[:5]}"
        ),
        within=ARRIVING,
    )


def count(query: str, trace: str) -> int:
    """Return the number of a trace's spans in a store; 0 while it starts."""
    try:
        answer = requests.get(f"{query}/api/v3/traces/{trace}", timeout=20)
    except requests.ConnectionError:
        return 0
    if not answer.ok:
        return 0
    groups = answer.json()["result"]["resourceSpans"]
    return sum(len(s["spans"]) for group in groups for s in group["scopeSpans"])
