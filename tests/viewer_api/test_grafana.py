"""The sequence of requests that Grafana's Jaeger data source sends, and its page's.

Written down from Grafana 13's source: the health check, the two lists of its query
editor, a search with its form of parameters, the trace, the dependency graph.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import T0, order, span_hex, trace_hex

TRACE_FIELDS = {"traceID", "spans", "processes", "warnings"}
SPAN_FIELDS = {
    "traceID": str,
    "spanID": str,
    "operationName": str,
    "references": list,
    "startTime": int,
    "duration": int,
    "tags": list,
    "logs": list,
    "processID": str,
    "warnings": type(None),
}


@pytest.fixture
def grafana(client: Client, send: Send) -> Iterator[Client]:
    send(*order())
    client.session.headers["user-agent"] = "Grafana/13.0.1"
    yield client
    client.session.headers.pop("user-agent")


def test_the_health_check_finds_services(grafana: Client) -> None:
    assert grafana.json("/api/services")["data"] == ["billing", "gateway", "payments"]


def test_the_editor_lists_operations(grafana: Client) -> None:
    operations = grafana.json("/api/services/gateway/operations")

    assert operations["data"] == ["POST", "POST /orders"]


def test_the_search_as_its_form_sends_it(grafana: Client) -> None:
    parameters = {
        "service": "billing",
        "operation": "POST /invoices",
        "tags": "{}",
        "minDuration": "",
        "maxDuration": "",
        "limit": "20",
        "start": T0 // 1000 - 3_600_000_000,
        "end": T0 // 1000 + 1_000_000,
        "lookback": "custom",
    }

    answer = grafana.json("/api/traces", params=parameters)

    assert [trace["traceID"] for trace in answer["data"]] == [span_hex(1)]


def test_the_trace_has_every_field_in_its_type(grafana: Client) -> None:
    (trace,) = grafana.json(f"/api/traces/{trace_hex(1)}")["data"]

    assert set(trace) == TRACE_FIELDS
    for row in trace["spans"]:
        assert {name: type(value) for name, value in row.items()} == SPAN_FIELDS
        assert row["processID"] in trace["processes"]


def test_the_dependency_graph_of_a_time_range(grafana: Client) -> None:
    end = T0 // 1_000_000 + 60_000

    answer = grafana.json(f"/api/dependencies?endTs={end}&lookback=3600000")

    assert {"parent": "gateway", "child": "billing", "callCount": 1} in answer["data"]


def test_the_stable_api_answers_the_newer_requests(grafana: Client) -> None:
    assert grafana.json("/api/v3/services")["services"]
    assert grafana.json("/api/v3/operations?service=gateway")["operations"]
    assert grafana.json(f"/api/v3/traces/{trace_hex(1)}")["result"]["resourceSpans"]
