"""Times and parents that cannot be true: each is shown, and a warning says so."""

from __future__ import annotations

from typing import Any

from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import MS, T0, batch, span


def with_times(number: int, name: str, *, start: int, end: int) -> Span:
    child = span(name, number=number, parent=1)
    child.start_time_unix_nano, child.end_time_unix_nano = start, end
    return child


def send_unset_times(send: Send) -> None:
    send(
        batch(
            span("root", ms=100),
            with_times(2, "no end", start=T0 + 60 * MS, end=0),
            with_times(3, "no start", start=0, end=T0 + 70 * MS),
            with_times(4, "no times", start=0, end=0),
        )
    )


def by_name(rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    return {row[key]: row for row in rows}


def test_a_time_of_zero_does_not_stretch_the_trace(client: Client, send: Send) -> None:
    send_unset_times(send)

    trace = client.json("/api/x/traces/1")
    (summary,) = client.json("/api/x/traces")["traces"]

    rows = by_name(trace["spans"], "name")
    assert (trace["startUs"], trace["durationUs"]) == (T0 / 1000, 100_000)
    assert (summary["startUs"], summary["durationUs"]) == (T0 / 1000, 100_000)
    assert (rows["no end"]["offsetUs"], rows["no end"]["durationUs"]) == (60_000, 0)
    assert (rows["no start"]["offsetUs"], rows["no start"]["durationUs"]) == (70_000, 0)
    assert (rows["no times"]["offsetUs"], rows["no times"]["durationUs"]) == (0, 0)


def test_a_time_of_zero_is_named_in_page_and_old_api(
    client: Client, send: Send
) -> None:
    send_unset_times(send)

    warnings = client.json("/api/x/traces/1")["warnings"]
    rows = by_name(client.json("/api/traces/1")["data"][0]["spans"], "operationName")

    assert sorted(warnings) == [
        "shop: no end has no end time: the sender never ended it, or did not set it.",
        "shop: no start has no start time.",
        "shop: no times has neither a start nor an end time.",
    ]
    assert rows["no start"]["warnings"] == ["This span has no start time."]
    assert rows["root"]["warnings"] is None


def test_a_child_before_its_parent_is_named(client: Client, send: Send) -> None:
    send(batch(span("call"), span("served", number=2, parent=1, at_ms=-5000)))

    (warning,) = client.json("/api/x/traces/1")["warnings"]
    rows = by_name(client.json("/api/traces/1")["data"][0]["spans"], "operationName")

    problem = "starts 5 s before its parent: their hosts' clocks differ."
    assert warning == f"shop: served {problem}"
    assert rows["served"]["warnings"] == [f"This span {problem}"]


def test_a_child_a_little_before_its_parent_is_normal(
    client: Client, send: Send
) -> None:
    send(batch(span("call"), span("served", number=2, parent=1, at_ms=-10)))

    assert client.json("/api/x/traces/1")["warnings"] == []


def test_many_wrong_times_are_counted(client: Client, send: Send) -> None:
    late = [span(str(n), number=n, parent=1, at_ms=-5000) for n in range(2, 10)]
    send(batch(span("call"), *late))

    warnings = client.json("/api/x/traces/1")["warnings"]

    assert len(warnings) == 6
    assert warnings[-1] == "3 more spans have times that cannot be true."


def test_a_circle_of_parents_is_not_called_a_missing_parent(
    client: Client, send: Send
) -> None:
    send(
        batch(
            span("root"),
            span("a", number=2, parent=3, at_ms=1),
            span("b", number=3, parent=2, at_ms=2),
            span("itself", number=4, parent=4, at_ms=3),
        )
    )

    trace = client.json("/api/x/traces/1")

    assert trace["warnings"] == [
        "2 circles of parents: the earliest span of each stands at the top."
    ]
    assert not any(row["orphan"] for row in trace["spans"])
