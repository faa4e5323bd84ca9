"""The store: every span is stored once, in any order, and within the size limit."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from uuid import UUID

import pytest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.viewer.conftest import rows, stored_names
from tests.viewer.telemetry import START_NS, logs, new_span, new_trace_id, traces
from tracing_starter_kit.viewer.store import Store, StoreError


def submit(store: Store, *spans: Span, service: str = "shop") -> None:
    body = traces(*spans, service=service).SerializeToString()
    store.submit("traces", body, items=len(spans)).result()


def attribute(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def test_every_field_of_a_span_is_stored(store: Store) -> None:
    trace_id = bytes(range(1, 17))
    event = Span.Event(
        time_unix_nano=START_NS, name="retry", dropped_attributes_count=1
    )
    event.attributes.append(attribute("n", "1"))
    link = Span.Link(trace_id=trace_id, span_id=b"linked!!", trace_state="l=1", flags=1)
    span = new_span(
        trace_id,
        span_id=b"\xff1234567",
        parent_span_id=b"\x00\x00\x00\x00\x00\x00\x00\x07",
        name="näme",
        kind=Span.SPAN_KIND_CLIENT,
        status=Status(code=Status.STATUS_CODE_ERROR, message="no"),
        attributes=[
            attribute("b", "ü"),
            KeyValue(key="a", value=AnyValue(int_value=3)),
        ],
        events=[event],
        links=[link],
        trace_state="x=y",
        flags=257,
        dropped_attributes_count=2,
        dropped_events_count=3,
        dropped_links_count=4,
    )

    submit(store, span)

    (row,) = rows(
        store, "SELECT * EXCLUDE (resource_id, scope_id, received_ns) FROM spans"
    )
    uuid = UUID(bytes=trace_id)
    assert row == (
        uuid,
        int.from_bytes(b"\xff1234567"),
        7,
        "shop",
        "näme",
        3,
        START_NS,
        START_NS + 1_000_000,
        2,
        "no",
        {"b": "ü", "a": "3"},
        "si",
        [
            {
                "time_ns": START_NS,
                "name": "retry",
                "attributes": {"n": "1"},
                "attribute_types": "s",
                "dropped_attributes": 1,
            }
        ],
        [
            {
                "trace_id": uuid,
                "span_id": int.from_bytes(b"linked!!"),
                "trace_state": "l=1",
                "flags": 1,
                "attributes": {},
                "attribute_types": "",
                "dropped_attributes": 0,
            }
        ],
        "x=y",
        257,
        2,
        3,
        4,
    )


def test_a_resource_and_a_scope_are_stored_once(store: Store) -> None:
    for _ in range(3):
        submit(store, new_span())
        assert store.flush()

    query = "SELECT resources.attributes, scopes.name FROM resources, scopes"
    assert rows(store, query) == [({"service.name": "shop"}, "tests")]
    joined = "SELECT count(*) FROM spans JOIN resources USING (resource_id)"
    assert rows(store, joined) == [(3,)]


def test_a_resource_without_a_service_name_is_an_unknown_service(store: Store) -> None:
    submit(store, new_span(), service="")

    assert rows(store, "SELECT service FROM spans") == [("unknown_service",)]


@pytest.mark.parametrize("is_one_batch", [True, False])
def test_a_span_that_is_sent_twice_is_stored_once(
    store: Store, *, is_one_batch: bool
) -> None:
    trace_id = new_trace_id()
    first, second = new_span(trace_id, name="a"), new_span(trace_id, name="b")

    submit(store, first, first) if is_one_batch else submit(store, first)
    assert is_one_batch or store.flush()
    submit(store, first, second)

    assert stored_names(store, trace_id) == ["a", "b"]
    assert store.stats().spans == 2


def test_the_same_span_id_in_another_trace_is_another_span(store: Store) -> None:
    first, second = new_span(span_id=b"12345678"), new_span(span_id=b"12345678")

    submit(store, first)
    submit(store, second)

    assert rows(store, "SELECT count(*) FROM spans") == [(2,)]


def test_a_resent_span_is_recognised_by_its_ids_alone(store: Store) -> None:
    span = new_span(name="first")
    submit(store, span)
    assert store.flush()
    span.MergeFrom(Span(name="second", start_time_unix_nano=5))

    submit(store, span)

    assert stored_names(store, span.trace_id) == ["first"]


def test_children_may_come_before_their_parents_and_hours_late(store: Store) -> None:
    trace_id = new_trace_id()
    hour = 3600 * 10**9
    late = [
        new_span(trace_id, name=f"{n}", start_time_unix_nano=START_NS - n * hour)
        for n in range(9)
    ]

    for span in reversed(late):
        submit(store, span)

    assert stored_names(store, trace_id) == [str(n) for n in range(9)]


def test_numbers_out_of_range_are_replaced_not_refused(store: Store) -> None:
    most = 2**64 - 1
    span = new_span(
        kind=77,
        start_time_unix_nano=most,
        end_time_unix_nano=most,
        status=Status(code=Status.StatusCode.ValueType(9)),
        events=[Span.Event(time_unix_nano=most)],
    )

    submit(store, span)

    last = 2**63 - 1
    query = "SELECT kind, start_ns, end_ns, status_code, events[1].time_ns FROM spans"
    assert rows(store, query) == [(0, last, last, 0, last)]


def test_a_key_that_occurs_twice_keeps_its_last_value(store: Store) -> None:
    span = new_span(attributes=[attribute("k", "1"), attribute("k", "2")])

    submit(store, span)

    assert rows(store, "SELECT attributes, attribute_types FROM spans") == [
        ({"k": "2"}, "s")
    ]


def test_ten_thousand_attributes_fit_on_a_span(store: Store) -> None:
    span = new_span(attributes=[attribute(f"k{n}", f"{n}") for n in range(10_000)])

    submit(store, span)

    query = "SELECT cardinality(attributes), attributes['k9999'] FROM spans"
    assert rows(store, query) == [(10_000, "9999")]


def test_log_records_outside_a_span_have_no_ids(store: Store) -> None:
    body = logs(LogRecord(time_unix_nano=1)).SerializeToString()

    store.submit("logs", body, items=1).result()

    query = "SELECT trace_id, span_id, body, body_type FROM logs"
    assert rows(store, query) == [(None, None, "", "n")]


def test_received_times_grow_with_every_commit(store: Store) -> None:
    for n in range(5):
        submit(store, new_span(name=f"{n}"))
        assert store.flush()

    names = rows(store, "SELECT name FROM spans ORDER BY received_ns")
    times = rows(store, "SELECT count(DISTINCT received_ns) FROM spans")
    assert (names, times) == ([(f"{n}",) for n in range(5)], [(5,)])


def test_a_commit_wakes_a_waiting_reader(store: Store) -> None:
    before = store.generation
    after: list[int] = []
    waiter = threading.Thread(target=lambda: after.append(store.wait_newer(before, 10)))
    waiter.start()

    submit(store, new_span())
    waiter.join()

    assert after == [before + 1]
    assert store.stats().spans == 1


def test_waiting_for_a_commit_ends_after_the_timeout(store: Store) -> None:
    assert store.wait_newer(store.generation, 0.01) == store.generation


def test_a_single_span_is_readable_within_a_second(store: Store) -> None:
    started = time.monotonic()

    submit(store, new_span())

    assert store.flush()
    assert time.monotonic() - started < 1


def test_stored_spans_are_there_after_a_restart(data: Path) -> None:
    span = new_span()
    first = Store.open(data)
    submit(first, span)
    first.close()

    second = Store.open(data)

    try:
        assert stored_names(second, span.trace_id) == ["work"]
        assert second.stats().pending_spans == 0
    finally:
        second.close()


def test_a_second_viewer_gets_the_process_id_of_the_first(
    store: Store, data: Path
) -> None:
    with pytest.raises(StoreError, match=r"process \d+\) already uses .*spans\.duckdb"):
        Store.open(data)


def test_a_folder_is_free_again_after_closing(data: Path) -> None:
    for _ in range(2):
        Store.open(data).close()


def test_a_file_that_is_not_a_database_is_named_and_not_changed(data: Path) -> None:
    data.mkdir()
    file = data / "spans.duckdb"
    file.write_bytes(b"something else" * 1000)

    with pytest.raises(
        StoreError, match=r"spans\.duckdb cannot be opened.*move it away"
    ):
        Store.open(data)

    assert file.read_bytes() == b"something else" * 1000


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="cannot write in"):
        Store.open(tmp_path / "file" / "data")
