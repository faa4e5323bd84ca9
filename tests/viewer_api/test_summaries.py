"""Summaries, by the rules of Jaeger's page."""

from __future__ import annotations

import re
from typing import Any

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import ERROR, MS, OK, T0, batch, span, trace_hex

TIMES = (
    "query.startTimeMin=2020-01-01T00:00:00Z&query.startTimeMax=2100-01-01T00:00:00Z"
)
SUMMARIES = f"/api/v3/trace-summaries?{TIMES}"


def only_summary(client: Client) -> dict[str, Any]:
    (summary,) = client.json(SUMMARIES)["summaries"]
    assert isinstance(summary, dict)
    return summary


def test_no_match_is_an_empty_list(empty: Client) -> None:
    assert empty.json(SUMMARIES) == {"summaries": []}


def test_one_order_in_numbers(stocked: Client) -> None:
    assert only_summary(stocked) == {
        "traceId": trace_hex(1),
        "rootServiceName": "gateway",
        "rootOperationName": "POST /orders",
        "minStartTimeUnixNano": str(T0),
        "maxEndTimeUnixNano": str(T0 + 100 * MS),
        "spanCount": 5,
        "errorSpanCount": 1,
        "orphanSpanCount": 0,
        "services": [
            {"name": "billing", "spanCount": 2, "errorSpanCount": 0},
            {"name": "gateway", "spanCount": 2, "errorSpanCount": 0},
            {"name": "payments", "spanCount": 1, "errorSpanCount": 1},
        ],
    }


def test_ids_and_times_are_texts_in_the_form_of_jaegers_page(
    client: Client, send: Send
) -> None:
    send(batch(span(trace=0xABC)))

    summary = only_summary(client)

    assert re.fullmatch("[0-9a-f]{32}", summary["traceId"])
    assert re.fullmatch("[0-9]+", summary["minStartTimeUnixNano"])
    assert re.fullmatch("[0-9]+", summary["maxEndTimeUnixNano"])


def test_the_root_is_the_earliest_span_without_a_parent(
    client: Client, send: Send
) -> None:
    send(
        batch(
            span("late root", number=1, at_ms=9),
            span("root", number=2, at_ms=5),
            span("child", number=3, parent=2, at_ms=0),
        )
    )

    assert only_summary(client)["rootOperationName"] == "root"


def test_a_trace_without_its_root_has_no_root_names(client: Client, send: Send) -> None:
    send(batch(span("child", number=2, parent=1)))

    summary = only_summary(client)

    assert (summary["rootServiceName"], summary["rootOperationName"]) == ("", "")
    assert summary["orphanSpanCount"] == 1


def test_an_orphan_is_no_longer_one_when_its_parent_comes(
    client: Client, send: Send
) -> None:
    send(batch(span("child", number=2, parent=1)))
    send(batch(span("root", number=1)))

    assert only_summary(client)["orphanSpanCount"] == 0


def test_only_the_status_makes_an_error(client: Client, send: Send) -> None:
    send(
        batch(
            span(number=1, status=OK),
            span(number=2, attributes={"error": True}),
            span(number=3, status=ERROR),
        )
    )

    assert only_summary(client)["errorSpanCount"] == 1


def test_the_page_gets_the_entry_spans_business_fields(stocked: Client) -> None:
    (summary,) = stocked.json("/api/x/traces")["traces"]

    assert summary == {
        "traceId": trace_hex(1),
        "rootService": "gateway",
        "rootName": "POST /orders",
        "startUs": T0 / 1000,
        "durationUs": 100_000.0,
        "spanCount": 5,
        "errorCount": 1,
        "services": [
            {"name": "billing", "spanCount": 2, "errorCount": 0},
            {"name": "gateway", "spanCount": 2, "errorCount": 0},
            {"name": "payments", "spanCount": 1, "errorCount": 1},
        ],
        "fields": {"shop.customer.id": "c-17", "shop.plan": "team"},
        "complete": True,
    }


def test_no_more_than_six_fields_and_only_business_ones(
    client: Client, send: Send
) -> None:
    business = {f"shop.n{number}": number for number in range(9)}
    send(batch(span(attributes={"http.route": "/"} | business)))

    (summary,) = client.json("/api/x/traces")["traces"]

    assert list(summary["fields"]) == [f"shop.n{number}" for number in range(6)]


def test_the_subject_of_a_trace_comes_first(client: Client, send: Send) -> None:
    attributes = {"shop.request.id": "r", "shop.region": "eu", "shop.plan": "p"}
    send(batch(span(attributes=attributes | {"shop.customer.id": "c-17"})))

    (summary,) = client.json("/api/x/traces")["traces"]

    fields = ["shop.customer.id", "shop.plan", "shop.region", "shop.request.id"]
    assert list(summary["fields"]) == fields


def test_while_the_root_is_missing_the_earliest_span_stands_for_it(
    client: Client, send: Send
) -> None:
    send(
        batch(
            span("second", number=3, parent=9, at_ms=2, attributes={"shop.n": 2}),
            span("first", number=2, parent=9, at_ms=1, attributes={"shop.n": 1}),
        )
    )

    (summary,) = client.json("/api/x/traces")["traces"]

    assert (summary["rootName"], summary["fields"]) == ("first", {"shop.n": "1"})
    assert summary["complete"] is False


def test_the_fields_begin_with_the_subject(client: Client, send: Send) -> None:
    names = ["request.id", "region", "plan", "customer.id"]
    send(batch(span(attributes={f"shop.{name}": "x" for name in names})))

    (summary,) = client.json("/api/x/traces")["traces"]

    fields = ["shop.customer.id", "shop.plan", "shop.region", "shop.request.id"]
    assert list(summary["fields"]) == fields
