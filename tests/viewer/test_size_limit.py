"""The size limit: the oldest spans are removed, so that the file stays within it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.viewer.conftest import rows
from tests.viewer.telemetry import logs, new_span, traces
from tracing_starter_kit.viewer.store import Store

LIMIT = 8 << 20
ROUNDS, SPANS = 40, 500


@dataclass(frozen=True)
class Full:
    store: Store
    largest: int


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Full]:
    """A store that received more than twice as much as its limit."""
    data = tmp_path_factory.mktemp("full") / "data"
    store = Store.open(data, max_bytes=LIMIT)
    largest = 0
    for number in range(ROUNDS):
        spans = traces(*large_spans(f"{number}"), service=f"service {number}")
        store.submit("traces", spans.SerializeToString(), items=SPANS)
        record = LogRecord(severity_text=f"{number}")
        store.submit("logs", logs(record).SerializeToString(), items=1)
        assert store.flush(60)
        largest = max(largest, bytes_on_disk(data))
    yield Full(store, largest)
    store.close()


def large_spans(name: str) -> list[Span]:
    """Spans with random text, so that compression does not keep the file small."""
    chance = random.Random(name)
    texts = (AnyValue(string_value=chance.randbytes(500).hex()) for _ in range(SPANS))
    pairs = (KeyValue(key="text", value=text) for text in texts)
    return [new_span(name=name, attributes=[pair]) for pair in pairs]


def bytes_on_disk(data: Path) -> int:
    return sum(file.stat().st_size for file in data.glob("spans.duckdb*"))


def test_the_file_stops_growing(full: Full) -> None:
    """DuckDB rewrites whole row groups, and here a row group is the whole file."""
    assert full.largest < 2 * LIMIT


def test_the_oldest_are_gone_and_the_newest_are_there(full: Full) -> None:
    query = "SELECT DISTINCT name::INTEGER AS n FROM spans ORDER BY n"
    numbers = [row[0] for row in rows(full.store, query)]

    assert numbers == list(range(numbers[0], ROUNDS))
    assert numbers[0] > 0


def test_removed_spans_are_counted(full: Full) -> None:
    stats = full.store.stats()

    assert stats.spans + stats.removed_spans == ROUNDS * SPANS
    assert stats.bytes < stats.max_bytes == LIMIT


def test_logs_and_resources_go_with_the_spans_of_their_time(full: Full) -> None:
    names = "SELECT count(DISTINCT service) FROM spans"
    records = "SELECT count(*) FROM logs"
    # Each round's log records come from one resource of their own, `shop`.
    resources = "SELECT count(*) - 1 FROM resources"

    services, resource_count, record_count = (
        rows(full.store, query)[0][0] for query in (names, resources, records)
    )

    assert services == resource_count < ROUNDS
    assert abs(record_count - services) <= 1


def test_logs_alone_keep_within_the_limit_and_leave_the_newest(data: Path) -> None:
    chance = random.Random(1)
    with closing(Store.open(data, max_bytes=LIMIT)) as store:
        submit_spans(store)
        largest = 0
        for number in range(30):
            submit_logs(store, f"{number}", chance)
            largest = max(largest, bytes_on_disk(data))
        names = rows(store, "SELECT DISTINCT event_name::INTEGER AS n FROM logs")

        assert largest < 2 * LIMIT
        assert store.stats().bytes < LIMIT
    numbers = sorted(row[0] for row in names)
    assert numbers == list(range(numbers[0], 30))


def submit_spans(store: Store) -> None:
    body = traces(*[new_span() for _ in range(200)]).SerializeToString()
    store.submit("traces", body, items=200)
    assert store.flush()


def submit_logs(store: Store, name: str, chance: random.Random) -> None:
    texts = (AnyValue(string_value=chance.randbytes(1500).hex()) for _ in range(400))
    records = [LogRecord(event_name=name, body=text) for text in texts]
    store.submit("logs", logs(*records).SerializeToString(), items=len(records))
    assert store.flush()
