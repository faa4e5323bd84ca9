"""A trace file through POST /api/transform: OTLP/JSON in, the old API's traces out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import batch, order, span, trace_hex


def test_a_document_of_the_stable_api_becomes_the_old_apis_answer(
    client: Client, send: Send
) -> None:
    send(*order())
    document = client.json("/api/v3/traces/1")["result"]

    transformed = client.post("/api/transform", json=document).json()

    assert by_span(transformed) == by_span(client.json("/api/traces/1"))


def by_span(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    (trace,) = answer["data"]
    services = {key: p["serviceName"] for key, p in trace["processes"].items()}
    return {
        row["spanID"]: {**row, "processID": services[row["processID"]]}
        for row in trace["spans"]
    }


def test_nothing_is_stored(client: Client, send: Send) -> None:
    send(batch(span()))
    document = client.get("/api/v3/traces/1").text.replace(trace_hex(1), trace_hex(2))

    client.post("/api/transform", data=json.dumps(json.loads(document)["result"]))

    assert client.get(f"/api/traces/{trace_hex(2)}").status_code == 404


def test_an_empty_document_has_no_traces(empty: Client) -> None:
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
def test_a_body_that_is_not_otlp_json_is_400_with_the_reason(
    empty: Client, body: str | bytes
) -> None:
    response = empty.post("/api/transform", data=body)

    assert response.status_code == 400
    message = response.json()["errors"][0]["msg"]
    assert message.startswith("This is not OTLP/JSON: ")


def test_half_a_surrogate_pair_as_a_key_is_ignored(client: Client) -> None:
    answer = client.post("/api/transform", data='{"resourceSpans": [], "\\ud83d": 1}')

    assert (answer.status_code, answer.json()["data"]) == (200, [])
