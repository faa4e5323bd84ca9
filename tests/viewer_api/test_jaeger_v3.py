"""Jaeger's stable API: form and rules of /api/v3, as its page and Grafana need them."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import (
    CLIENT,
    ERROR,
    INTERNAL,
    MS,
    NO_KIND,
    SERVER,
    T0,
    batch,
    event,
    link,
    order,
    span,
    span_hex,
    trace_hex,
)

ALWAYS = {
    "query.startTimeMin": "2020-01-01T00:00:00Z",
    "query.startTimeMax": "2100-01-01T00:00:00Z",
}


def only_span(answer: Mapping[str, Any]) -> dict[str, Any]:
    (resource_spans,) = answer["result"]["resourceSpans"]
    (scope_spans,) = resource_spans["scopeSpans"]
    (row,) = scope_spans["spans"]
    assert isinstance(row, dict)
    return row


def test_an_empty_store_has_an_empty_list_of_services(empty: Client) -> None:
    assert empty.json("/api/v3/services") == {"services": []}


def test_services_are_listed_by_name(stocked: Client) -> None:
    assert stocked.json("/api/v3/services") == {
        "services": ["billing", "gateway", "payments"]
    }


def test_an_unknown_service_has_an_empty_list_of_operations(empty: Client) -> None:
    assert empty.json("/api/v3/operations?service=nobody") == {"operations": []}


def test_operations_say_their_kind_as_a_lower_case_word(
    client: Client, send: Send
) -> None:
    send(batch(span("a", number=1, kind=SERVER), span("b", number=2, kind=NO_KIND)))

    assert client.json("/api/v3/operations?service=shop") == {
        "operations": [
            {"name": "a", "spanKind": "server"},
            {"name": "b", "spanKind": "internal"},
        ]
    }


@pytest.mark.parametrize("name", ["spanKind", "span_kind"])
def test_operations_of_one_kind(client: Client, send: Send, name: str) -> None:
    send(batch(span("a", number=1, kind=SERVER), span("b", number=2, kind=CLIENT)))

    answer = client.json(f"/api/v3/operations?service=shop&{name}=client")

    assert [operation["name"] for operation in answer["operations"]] == ["b"]


def test_a_full_span_is_written_as_the_collector_writes_it(
    client: Client, send: Send
) -> None:
    rich = span(
        "POST /orders",
        trace=0xABC,
        number=0xDEF,
        parent=0x123,
        kind=SERVER,
        status=ERROR,
        message="declined",
        attributes={
            "text": "ä",
            "whole": 2**60,
            "real": 1.5,
            "flag": False,
            "list": ["a", 1],
            "map": {"k": "v"},
            "bytes": b"\x00\xff",
            "none": None,
        },
        events=[event("exception", 5, type="E")],
        links=[link(7, 8, why="retry")],
        trace_state="a=b",
        flags=257,
        dropped_attributes_count=3,
    )
    send(batch(rich, resource={"host.name": "h"}, scope="lib", scope_version="1.2"))

    answer = client.json("/api/v3/traces/abc?rawTraces=true")

    assert answer == {
        "result": {
            "resourceSpans": [
                {
                    "resource": {
                        "attributes": [
                            {"key": "service.name", "value": {"stringValue": "shop"}},
                            {"key": "host.name", "value": {"stringValue": "h"}},
                        ]
                    },
                    "scopeSpans": [
                        {
                            "scope": {"name": "lib", "version": "1.2"},
                            "spans": [
                                {
                                    "traceId": trace_hex(0xABC),
                                    "spanId": span_hex(0xDEF),
                                    "traceState": "a=b",
                                    "parentSpanId": span_hex(0x123),
                                    "flags": 257,
                                    "name": "POST /orders",
                                    "kind": 2,
                                    "startTimeUnixNano": str(T0),
                                    "endTimeUnixNano": str(T0 + 10 * MS),
                                    "attributes": RICH_ATTRIBUTES,
                                    "droppedAttributesCount": 3,
                                    "events": [
                                        {
                                            "timeUnixNano": str(T0 + 5 * MS),
                                            "name": "exception",
                                            "attributes": [text("type", "E")],
                                        }
                                    ],
                                    "links": [
                                        {
                                            "traceId": trace_hex(7),
                                            "spanId": span_hex(8),
                                            "attributes": [text("why", "retry")],
                                        }
                                    ],
                                    "status": {"message": "declined", "code": 2},
                                }
                            ],
                        }
                    ],
                }
            ]
        }
    }


def text(key: str, value: str) -> dict[str, object]:
    return {"key": key, "value": {"stringValue": value}}


RICH_ATTRIBUTES = [
    text("text", "ä"),
    {"key": "whole", "value": {"intValue": str(2**60)}},
    {"key": "real", "value": {"doubleValue": 1.5}},
    {"key": "flag", "value": {"boolValue": False}},
    {
        "key": "list",
        "value": {"arrayValue": {"values": [{"stringValue": "a"}, {"intValue": "1"}]}},
    },
    {"key": "map", "value": {"kvlistValue": {"values": [text("k", "v")]}}},
    {"key": "bytes", "value": {"bytesValue": "AP8="}},
    {"key": "none", "value": {}},
]


def test_a_bare_span_has_empty_objects_and_no_zeros(client: Client, send: Send) -> None:
    send(batch(span("x", kind=NO_KIND), service=None))

    answer = client.json(f"/api/v3/traces/{trace_hex(1)}")

    assert answer["result"]["resourceSpans"] == [
        {
            "resource": {},
            "scopeSpans": [
                {
                    "scope": {},
                    "spans": [
                        {
                            "traceId": trace_hex(1),
                            "spanId": span_hex(1),
                            "name": "x",
                            "startTimeUnixNano": str(T0),
                            "endTimeUnixNano": str(T0 + 10 * MS),
                            "status": {},
                        }
                    ],
                }
            ],
        }
    ]


def test_attributes_are_sorted_unless_raw(client: Client, send: Send) -> None:
    send(batch(span(attributes={"b": "1", "a": "2"})))

    adjusted = only_span(client.json("/api/v3/traces/1"))
    raw = only_span(client.json("/api/v3/traces/1?raw_traces=1"))

    assert [item["key"] for item in adjusted["attributes"]] == ["a", "b"]
    assert [item["key"] for item in raw["attributes"]] == ["b", "a"]


def test_a_link_without_a_trace_is_left_out_unless_raw(
    client: Client, send: Send
) -> None:
    send(batch(span(links=[link(0, 0), link(5, 6)])))

    links = only_span(client.json("/api/v3/traces/1"))["links"]

    assert [item["traceId"] for item in links] == [trace_hex(5)]


TRACE = 0xFBEFFF0123456789ABCDEF0123456789
BASE64 = base64.b64encode(TRACE.to_bytes(16)).decode()  # has + and /


@pytest.mark.parametrize(
    "text",
    [
        trace_hex(TRACE),
        trace_hex(TRACE).upper(),
        BASE64.replace("/", "%2F"),
        BASE64.replace("/", "%2F").rstrip("="),
        BASE64.replace("+", "-").replace("/", "_"),
        BASE64.replace("+", "-").replace("/", "_").rstrip("="),
    ],
)
@pytest.mark.parametrize("api", ["/api/v3/traces/", "/api/traces/"])
def test_a_trace_id_in_hex_and_in_base64(
    client: Client, send: Send, api: str, text: str
) -> None:
    send(batch(span(trace=TRACE)))

    assert client.get(api + text).status_code == 200


@pytest.mark.parametrize("api", ["/api/v3/traces/", "/api/traces/"])
def test_leading_zeros_of_a_trace_id_may_be_missing(
    client: Client, send: Send, api: str
) -> None:
    send(batch(span(trace=0xABC)))

    assert client.get(f"{api}abc").status_code == 200


def test_an_unknown_trace_is_404_with_jaegers_body(empty: Client) -> None:
    response = empty.get(f"/api/v3/traces/{trace_hex(9)}")

    assert response.status_code == 404
    assert response.headers["content-type"] == "text/plain; charset=utf-8"
    assert response.text.endswith("}}\n")
    assert response.json() == {"error": {"httpCode": 404, "message": "No traces found"}}


def test_a_search_without_a_match_is_404(empty: Client) -> None:
    response = empty.get("/api/v3/traces", params=ALWAYS)

    assert response.status_code == 404
    assert response.json()["error"]["message"] == "No traces found"


def test_a_search_answers_with_all_spans_of_all_its_traces(
    client: Client, send: Send
) -> None:
    send(*order(1), *order(2, at_ms=500))

    answer = client.json(
        "/api/v3/traces", params=ALWAYS | {"query.serviceName": "payments"}
    )

    spans = [
        row["traceId"]
        for group in answer["result"]["resourceSpans"]
        for scope in group["scopeSpans"]
        for row in scope["spans"]
    ]
    assert sorted(spans) == [trace_hex(1)] * 5 + [trace_hex(2)] * 5


def test_the_older_parameter_names_mean_the_same(client: Client, send: Send) -> None:
    send(batch(span("slow", trace=1, ms=500)), batch(span("slow", trace=2, ms=5)))

    answer = client.json(
        "/api/v3/trace-summaries",
        params={
            "query.service_name": "shop",
            "query.operation_name": "slow",
            "query.start_time_min": ALWAYS["query.startTimeMin"],
            "query.start_time_max": ALWAYS["query.startTimeMax"],
            "query.duration_min": "100ms",
            "query.duration_max": "1s",
            "query.num_traces": "5",
        },
    )

    assert [summary["traceId"] for summary in answer["summaries"]] == [trace_hex(1)]


def test_attributes_are_filtered_by_a_json_object(client: Client, send: Send) -> None:
    send(batch(span(trace=1, attributes={"n": 7})), batch(span(trace=2)))
    parameters = ALWAYS | {"query.attributes": json.dumps({"n": "7"})}

    answer = client.json("/api/v3/trace-summaries", params=parameters)

    assert [summary["traceId"] for summary in answer["summaries"]] == [trace_hex(1)]


def test_the_earliest_time_is_included_and_the_latest_is_not(
    client: Client, send: Send
) -> None:
    moment = "2026-01-31T12:00:00.123456789"
    exact = span()
    exact.start_time_unix_nano = 1769860800123456789
    exact.end_time_unix_nano = exact.start_time_unix_nano + 1
    send(batch(exact))

    def count(first: str, last: str) -> int:
        times = {"query.startTimeMin": first, "query.startTimeMax": last}
        return len(client.json("/api/v3/trace-summaries", params=times)["summaries"])

    assert count(f"{moment}Z", "2027-01-01T00:00:00Z") == 1
    assert count("2025-01-01T00:00:00Z", f"{moment}Z") == 0
    assert count("2025-01-01T00:00:00Z", "2026-01-31T14:00:00.12345679+02:00") == 1


def test_a_plus_sign_that_became_a_space_is_understood(empty: Client) -> None:
    query = "query.startTimeMin=2026-01-01T00:00:00+02:00"
    query += "&query.startTimeMax=2026-01-02T00:00:00+02:00"

    assert empty.json(f"/api/v3/trace-summaries?{query}") == {"summaries": []}


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({}, "query.startTimeMin and query.startTimeMax are required"),
        (
            {"query.startTimeMin": "2026-01-02T00:00:00Z",
             "query.startTimeMax": "2026-01-01T00:00:00Z"},
            "query.startTimeMin must be before query.startTimeMax",
        ),
        (ALWAYS | {"query.startTimeMin": "yesterday"},
         "malformed parameter query.startTimeMin: 'yesterday' is not a time such as"),
        (ALWAYS | {"query.durationMin": "soon"},
         "malformed parameter query.durationMin: 'soon' is not a duration"),
        (ALWAYS | {"query.searchDepth": "0"}, "malformed parameter query.searchDepth"),
        (ALWAYS | {"query.attributes": "{"}, "malformed parameter query.attributes: "),
        (ALWAYS | {"query.attributes": '{"a": 1}'},
         "malformed parameter query.attributes: "),
        (ALWAYS | {"query.rawTraces": "maybe"},
         "malformed parameter query.rawTraces: "),
        (ALWAYS | {"query.filter": "{}"}, "malformed parameter query.filter: "),
        (ALWAYS | {"query.durationMin": "2s", "query.durationMax": "1s"},
         "malformed parameter query.durationMax: must not be less than"),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_named(
    empty: Client, parameters: dict[str, str], message: str
) -> None:
    response = empty.get("/api/v3/traces", params=parameters)

    assert response.status_code == 400
    assert response.json()["error"]["httpCode"] == 400
    assert response.json()["error"]["message"].startswith(message)


def test_the_raw_flag_is_checked_for_summaries_too(empty: Client) -> None:
    parameters = ALWAYS | {"query.rawTraces": "maybe"}

    response = empty.get("/api/v3/trace-summaries", params=parameters)

    assert "query.rawTraces" in response.json()["error"]["message"]


def test_a_large_depth_is_capped_and_a_longest_duration_of_zero_is_no_bound(
    client: Client, send: Send
) -> None:
    send(batch(span()))
    parameters = ALWAYS | {"query.searchDepth": "99999", "query.durationMax": "0s"}

    answer = client.json("/api/v3/trace-summaries", params=parameters)

    assert len(answer["summaries"]) == 1


def test_a_name_without_a_kind_and_as_internal_is_one_operation(
    client: Client, send: Send
) -> None:
    send(batch(span("work", kind=NO_KIND), span("work", number=2, kind=INTERNAL)))

    answer = client.json("/api/v3/operations?service=shop")

    assert answer["operations"] == [{"name": "work", "spanKind": "internal"}]


def test_a_bad_trace_id_is_400(empty: Client) -> None:
    response = empty.get("/api/v3/traces/not-an-id")

    assert response.status_code == 400
    assert "malformed parameter trace_id" in response.json()["error"]["message"]


def test_dependencies_count_calls_as_text(client: Client, send: Send) -> None:
    send(*order(1), *order(2))

    assert client.json("/api/v3/dependencies") == {
        "dependencies": [
            {"parent": "billing", "child": "billing", "callCount": "2"},
            {"parent": "billing", "child": "payments", "callCount": "2"},
            {"parent": "gateway", "child": "billing", "callCount": "2"},
            {"parent": "gateway", "child": "gateway", "callCount": "2"},
        ]
    }


def test_a_write_to_the_api_is_405_and_names_the_methods(empty: Client) -> None:
    response = empty.post("/api/v3/traces")

    assert response.status_code == 405
    assert "GET" in response.headers["allow"]
