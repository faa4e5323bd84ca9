"""The old JSON API: envelope, mapping from OTLP, searches, errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import (
    CLIENT,
    CONSUMER,
    ERROR,
    NO_KIND,
    OK,
    PRODUCER,
    SERVER,
    T0,
    batch,
    event,
    link,
    span,
    span_hex,
    trace_hex,
)


def tags_of(span: Mapping[str, Any]) -> dict[str, tuple[str, object]]:
    return {tag["key"]: (tag["type"], tag["value"]) for tag in span["tags"]}


def first_span(client: Client) -> dict[str, Any]:
    row = client.json(f"/api/traces/{trace_hex(1)}")["data"][0]["spans"][0]
    assert isinstance(row, dict)
    return row


def test_services_of_an_empty_store(empty: Client) -> None:
    assert empty.json("/api/services") == {
        "data": [],
        "total": 0,
        "limit": 0,
        "offset": 0,
        "errors": None,
    }


def test_services_are_counted(stocked: Client) -> None:
    answer = stocked.json("/api/services")

    assert (answer["data"], answer["total"]) == (["billing", "gateway", "payments"], 3)


def test_operations_of_a_service_are_names_without_repetition(
    client: Client, send: Send
) -> None:
    send(batch(span("a", number=1, kind=SERVER), span("a", number=2, kind=CLIENT)))

    assert client.json("/api/services/shop/operations")["data"] == ["a"]


def test_a_service_name_may_hold_a_slash(client: Client, send: Send) -> None:
    send(batch(span("a"), service="team/shop"))

    assert client.json("/api/services/team%2Fshop/operations")["data"] == ["a"]


def test_operations_with_their_kinds(client: Client, send: Send) -> None:
    send(batch(span("a", number=1, kind=SERVER), span("b", number=2, kind=CLIENT)))

    assert client.json("/api/operations?service=shop&spanKind=client")["data"] == [
        {"name": "b", "spanKind": "client"}
    ]


def test_operations_need_a_service(empty: Client) -> None:
    response = empty.get("/api/operations")

    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"code": 400, "msg": "parameter 'service' is required"}
    ]


def test_a_span_keeps_its_times_in_microseconds(client: Client, send: Send) -> None:
    send(batch(span("work", ms=1.5)))

    row = first_span(client)

    assert (row["startTime"], row["duration"]) == (T0 // 1000, 1500)
    assert row["operationName"] == "work"


def test_a_trace_id_of_64_bits_has_16_digits(client: Client, send: Send) -> None:
    send(batch(span(trace=0xABC), span(trace=1 << 64)))

    traces = client.json("/api/traces?service=shop")["data"]

    assert {trace["traceID"] for trace in traces} == {
        "0000000000000abc",
        "00000000000000010000000000000000",
    }


def test_a_bare_span_has_empty_lists_and_null_warnings(
    client: Client, send: Send
) -> None:
    send(batch(span(kind=NO_KIND)))

    row = first_span(client)

    assert (row["references"], row["tags"], row["logs"]) == ([], [], [])
    assert row["warnings"] is None


def test_the_parent_comes_first_among_the_references(
    client: Client, send: Send
) -> None:
    child_of = {"opentracing.ref_type": "child_of"}
    send(batch(span(number=3, parent=2, links=[link(7, 8), link(7, 9, **child_of)])))

    assert first_span(client)["references"] == [
        {"refType": "CHILD_OF", "traceID": span_hex(1), "spanID": span_hex(2)},
        {"refType": "FOLLOWS_FROM", "traceID": span_hex(7), "spanID": span_hex(8)},
        {"refType": "CHILD_OF", "traceID": span_hex(7), "spanID": span_hex(9)},
    ]


def test_values_keep_their_types(client: Client, send: Send) -> None:
    values = {
        "text": "x",
        "flag": True,
        "whole": 7,
        "large": 2**60,
        "edge": 2**53 - 1,
        "real": 1.5,
        "endless": float("inf"),
        "bytes": b"\x00\xff",
        "list": ["a", 1],
        "map": {"b": True, "a": b"\x00"},
        "tiny": 1e-7,
        "none": None,
    }
    send(batch(span(kind=NO_KIND, attributes=values)))

    assert tags_of(first_span(client)) == {
        "text": ("string", "x"),
        "flag": ("bool", True),
        "whole": ("int64", 7),
        "large": ("int64", str(2**60)),
        "edge": ("int64", 2**53 - 1),
        "real": ("float64", 1.5),
        "endless": ("float64", "Infinity"),
        "bytes": ("binary", "AP8="),
        "list": ("string", '["a",1]'),
        "map": ("string", '{"a":"AA==","b":true}'),
        "tiny": ("float64", 1e-7),
        "none": ("string", ""),
    }


def test_kind_status_scope_and_trace_state_become_tags(
    client: Client, send: Send
) -> None:
    failed = span(kind=SERVER, status=ERROR, message="no", trace_state="a=b")
    send(batch(failed, scope="lib", scope_version="2"))

    assert tags_of(first_span(client)) == {
        "otel.scope.name": ("string", "lib"),
        "otel.scope.version": ("string", "2"),
        "span.kind": ("string", "server"),
        "otel.status_code": ("string", "ERROR"),
        "error": ("bool", True),
        "otel.status_description": ("string", "no"),
        "w3c.tracestate": ("string", "a=b"),
    }


@pytest.mark.parametrize(
    ("kind", "word"),
    [(CLIENT, "client"), (PRODUCER, "producer"), (CONSUMER, "consumer")],
)
def test_a_kind_is_a_lower_case_word(
    client: Client, send: Send, kind: Span.SpanKind.ValueType, word: str
) -> None:
    send(batch(span(kind=kind, status=OK)))

    tags = tags_of(first_span(client))

    assert tags["span.kind"] == ("string", word)
    assert tags["otel.status_code"] == ("string", "OK")
    assert "error" not in tags


def test_an_event_is_a_log_with_its_name_first(client: Client, send: Send) -> None:
    send(batch(span(events=[event("exception", 2, message="no")])))

    assert first_span(client)["logs"] == [
        {
            "timestamp": T0 // 1000 + 2000,
            "fields": [
                {"key": "event", "type": "string", "value": "exception"},
                {"key": "message", "type": "string", "value": "no"},
            ],
        }
    ]


def test_a_resource_is_a_process_without_its_service_name(
    client: Client, send: Send
) -> None:
    send(batch(span(number=1), span(number=2), resource={"host.name": "h"}))

    trace = client.json("/api/traces/1")["data"][0]

    assert trace["processes"] == {
        "p1": {
            "serviceName": "shop",
            "tags": [{"key": "host.name", "type": "string", "value": "h"}],
        }
    }
    assert {row["processID"] for row in trace["spans"]} == {"p1"}


def test_an_unknown_trace_is_404_in_the_old_envelope(empty: Client) -> None:
    response = empty.get(f"/api/traces/{trace_hex(9)}")

    assert response.status_code == 404
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.json() == {
        "data": None,
        "total": 0,
        "limit": 0,
        "offset": 0,
        "errors": [{"code": 404, "msg": "trace not found"}],
    }


@pytest.mark.parametrize("trace_id", ["xyz", "0" * 33, "%20"])
def test_a_bad_trace_id_is_400(empty: Client, trace_id: str) -> None:
    response = empty.get(f"/api/traces/{trace_id}")

    assert response.status_code == 400
    assert "unable to parse param 'traceID'" in response.json()["errors"][0]["msg"]


def test_a_search_without_a_match_is_an_empty_list(empty: Client) -> None:
    answer = empty.json("/api/traces?service=nobody")

    assert (answer["data"], answer["total"], answer["errors"]) == ([], 0, None)


def test_a_search_needs_a_service(empty: Client) -> None:
    response = empty.get("/api/traces")

    assert response.status_code == 400
    assert response.json()["errors"][0]["msg"] == "parameter 'service' is required"


def test_a_search_by_all_parameters(client: Client, send: Send) -> None:
    match = {"plan": "team", "paid": True, "lines": 3}
    send(
        batch(span("order", trace=1, ms=50, attributes=match)),
        batch(span("order", trace=2, ms=500, attributes=match)),
        batch(span("order", trace=3, ms=50, attributes=match | {"paid": False})),
        batch(span("other", trace=4, ms=50, attributes=match)),
        batch(span("order", trace=5, ms=50, at_ms=9000, attributes=match)),
    )

    answer = client.json(
        "/api/traces",
        params={
            "service": "shop",
            "operation": "order",
            "start": T0 // 1000,
            "end": T0 // 1000 + 1_000_000,
            "minDuration": "20ms",
            "maxDuration": "100000us",
            "tag": ["plan:team", "lines:3"],
            "tags": '{"paid": "true"}',
            "limit": "5",
            "lookback": "1h",
        },
    )

    assert [trace["traceID"] for trace in answer["data"]] == [span_hex(1)]


def test_traces_by_id_name_the_missing_ones(client: Client, send: Send) -> None:
    send(batch(span(trace=1)), batch(span(trace=2)))

    answer = client.json("/api/traces?traceID=1&traceID=2&traceID=3")

    assert sorted(trace["traceID"] for trace in answer["data"]) == [
        span_hex(1),
        span_hex(2),
    ]
    assert answer["errors"] == [{"msg": "trace not found", "traceID": span_hex(3)}]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=many", "limit"),
        ("limit=0", "limit"),
        ("start=now", "start"),
        ("end=1e9", "end"),
        ("minDuration=5", "minDuration"),
        ("minDuration=2s&maxDuration=1s", "maxDuration"),
        ("tag=nocolon", "tag"),
        ("tags=[]", "tags"),
        ("tags={", "tags"),
        ('tags={"a":"\\ud800"}', "tags"),
    ],
)
def test_a_bad_parameter_is_named(empty: Client, query: str, parameter: str) -> None:
    response = empty.get(f"/api/traces?service=shop&{query}")

    assert response.status_code == 400
    message = response.json()["errors"][0]["msg"]
    assert message.startswith(f"unable to parse param '{parameter}': ")


@pytest.mark.parametrize("parameter", ["start", "end", "raw", "limit"])
def test_parameters_beside_a_trace_id_are_checked(
    empty: Client, parameter: str
) -> None:
    response = empty.get(f"/api/traces?traceID=1&{parameter}=soon")

    assert response.status_code == 400
    assert f"'{parameter}'" in response.json()["errors"][0]["msg"]


def test_a_limit_above_the_largest_is_capped(client: Client, send: Send) -> None:
    send(batch(span()))

    answer = client.json("/api/traces?service=shop&limit=100000")

    assert len(answer["data"]) == 1


def test_a_longest_duration_of_zero_is_no_bound(client: Client, send: Send) -> None:
    send(batch(span()))

    for query in ("maxDuration=0s", "minDuration=1ms&maxDuration=0s"):
        assert len(client.json(f"/api/traces?service=shop&{query}")["data"]) == 1


def test_times_in_the_wrong_unit_do_not_hide_a_trace(
    client: Client, send: Send
) -> None:
    """Grafana sends milliseconds where Jaeger reads microseconds."""
    send(batch(span()))

    parameters = {"start": T0 // 1_000_000, "end": T0 // 1_000_000 + 1}

    assert client.json("/api/traces/1", params=parameters)["data"]


def test_dependencies_count_calls_as_numbers(stocked: Client) -> None:
    answer = stocked.json("/api/dependencies?service=payments")

    assert answer["data"] == [
        {"parent": "billing", "child": "payments", "callCount": 1}
    ]


def test_dependencies_of_another_time_are_none(stocked: Client) -> None:
    earlier = T0 // 1_000_000 - 3600_000
    answer = stocked.json(f"/api/dependencies?endTs={earlier}&lookback=60000")

    assert answer["data"] == []


@pytest.mark.parametrize("metric", ["latencies", "calls", "errors"])
def test_metrics_are_not_implemented(empty: Client, metric: str) -> None:
    response = empty.get(f"/api/metrics/{metric}?service=shop&quantile=0.95")

    assert response.status_code == 501
    assert response.json()["errors"][0]["code"] == 501


def test_the_archive_is_not_implemented(empty: Client) -> None:
    assert empty.post(f"/api/archive/{trace_hex(1)}").status_code == 501


def test_pretty_print_indents(empty: Client) -> None:
    assert '\n    "data"' in empty.get("/api/services?prettyPrint=true").text
    assert "\n" not in empty.get("/api/services?prettyPrint=false").text
