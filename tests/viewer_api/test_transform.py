"""A trace file through POST /api/transform: OTLP/JSON in, the old API's traces out."""

from __future__ import annotations

import json

import pytest

from tests.viewer_api.telemetry import order, sent, span, trace_hex


def test_what_the_stable_api_gives_comes_back_as_the_old_one_does(client, send) -> None:
    send(*order())
    document = client.json("/api/v3/traces/1")["result"]

    transformed = client.post("/api/transform", json=document).json()

    assert by_span(transformed) == by_span(client.json("/api/traces/1"))


def by_span(answer):
    (trace,) = answer["data"]
    services = {key: p["serviceName"] for key, p in trace["processes"].items()}
    return {
        found["spanID"]: {**found, "processID": services[found["processID"]]}
        for found in trace["spans"]
    }


def test_nothing_is_stored(client, send) -> None:
    send(sent(span()))
    document = client.get("/api/v3/traces/1").text.replace(trace_hex(1), trace_hex(2))

    client.post("/api/transform", data=json.dumps(json.loads(document)["result"]))

    assert client.get(f"/api/traces/{trace_hex(2)}").status_code == 404


def test_an_empty_document_has_no_traces(empty) -> None:
    assert empty.post("/api/transform", data="{}").json()["data"] == []


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "[]",
        "1",
        '{"resourceSpans": 5}',
        '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}',
        '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 5}]}]}]}',
        '{"resourceSpans": [{"scopeSpans": [{"spans": [{"name": "no id"}]}]}]}',
        "[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_not_otlp_json_is_400_with_the_reason(empty, body) -> None:
    response = empty.post("/api/transform", data=body)

    assert response.status_code == 400
    message = response.json()["errors"][0]["msg"]
    assert message.startswith("This is not OTLP/JSON: ")
