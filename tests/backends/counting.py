"""Spans counted at the sender, and in the real stores behind the Collector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import requests

from benchmarks.load import TRACE, encode_bodies, send, trace_ids
from tests.system.demo import await_

PROTOBUF = {"Content-Type": "application/x-protobuf"}
ARRIVING = 180.0  # seconds; a machine that is busy, and a retry that has just waited


class Load:
    """Spans to send to a Collector, and the traces that they make."""

    def __init__(self, spans: int, seed: int = 1) -> None:
        self.spans = spans
        self.traces = trace_ids(seed, spans)
        self._bodies = encode_bodies(seed, spans)

    def send(self, otlp: str) -> None:
        """Send all of it; every request has to be acknowledged."""
        for _ in self.sending(otlp):
            pass

    def sending(self, otlp: str) -> Iterator[int]:
        """Send one request for each step, which has to be acknowledged; number them."""
        with requests.Session() as session:
            for number, body in enumerate(self._bodies, 1):
                answer = session.post(
                    f"{otlp}/v1/traces", body, headers=PROTOBUF, timeout=20
                )
                assert answer.status_code == 200, answer.text
                yield number

    def send_until_taken(self, otlp: str) -> dict[str, float]:
        """Send all of it over several connections; what is refused is sent again."""
        return send(otlp, self._bodies)


def await_whole(query: str, traces: Iterable[str]) -> None:
    """Wait until a store has every trace, with each of its spans once.

    Args:
        query: The address of Jaeger's `/api/v3`: Jaeger itself, or the viewer.
        traces: The ids of traces of a `Load`.
    """
    missing = dict.fromkeys(traces, 0)

    def look() -> dict[str, int]:
        """Ask for those again that were not whole the last time."""
        nonlocal missing
        with ThreadPoolExecutor(4) as pool:
            counts = pool.map(lambda trace: (trace, count(query, trace)), missing)
            missing = {trace: found for trace, found in counts if found != TRACE}
        return missing

    await_(
        look,
        lambda missing: not missing,
        lambda missing: (
            f"{query}: {len(missing)} traces are not whole: {list(missing.items())[:5]}"
        ),
        within=ARRIVING,
    )


def count(query: str, trace: str) -> int:
    """Return how many spans a store has of a trace; none while it starts."""
    try:
        answer = requests.get(f"{query}/api/v3/traces/{trace}", timeout=20)
    except requests.ConnectionError:
        return 0
    if not answer.ok:
        return 0
    groups = answer.json()["result"]["resourceSpans"]
    return sum(len(s["spans"]) for group in groups for s in group["scopeSpans"])
