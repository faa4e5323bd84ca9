"""More spans than the database can store at once: senders wait, nothing is lost."""

from __future__ import annotations

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from tests.viewer.program import Program, running
from tests.viewer.telemetry import PROTOBUF, new_span, traces

REQUESTS, SPANS = 80, 400


def send(address: str, body: bytes) -> Counter[int]:
    """Send until the answer is 200; return the number of answers by status."""
    statuses: Counter[int] = Counter()
    while not statuses[200]:
        headers = {"Content-Type": PROTOBUF}
        answer = requests.post(address, body, headers=headers, timeout=30)
        statuses[answer.status_code] += 1
        # Wait for a part of Retry-After only, so that the queue stays full.
        time.sleep(float(answer.headers.get("Retry-After", 0)) / 20)
    return statuses


def wait_until_stored(program: Program, spans: int) -> None:
    deadline = time.monotonic() + 60
    while program.status()["spans"] < spans:
        assert time.monotonic() < deadline


def test_a_full_queue_answers_503_and_all_spans_are_stored_in_the_end(
    data: Path,
) -> None:
    bodies = [
        traces(*[new_span() for _ in range(SPANS)]).SerializeToString()
        for _ in range(REQUESTS)
    ]

    with running(data, max_pending_bytes=60_000) as program:
        with ThreadPoolExecutor(8) as senders:
            address = f"{program.otlp}/v1/traces"
            counts = senders.map(lambda body: send(address, body), bodies)
            statuses = sum(counts, Counter[int]())
        wait_until_stored(program, REQUESTS * SPANS)

        assert set(statuses) == {200, 503}
        assert program.status()["spans"] == REQUESTS * SPANS
