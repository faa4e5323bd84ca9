"""The page's own API: waterfall, span details, suggestions, status."""

from __future__ import annotations

import pytest

from tests.viewer_api.conftest import Client, Send
from tests.viewer_api.telemetry import (
    CLIENT,
    ERROR,
    MS,
    SERVER,
    T0,
    batch,
    event,
    export_log,
    link,
    span,
    span_hex,
    trace_hex,
)
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store.store import Store


def tree(client: Client, trace: int = 1) -> list[tuple[int, str]]:
    spans = client.json(f"/api/x/traces/{trace_hex(trace)}")["spans"]
    return [(row["depth"], row["name"]) for row in spans]


def attribute(
    key: str, kind: str, value: object, *, group: str = "business"
) -> dict[str, object]:
    return {"key": key, "type": kind, "value": value, "group": group}


def test_status_of_an_empty_store(empty: Client, settings: Settings) -> None:
    status = empty.json("/api/x/status")

    assert status.pop("bytes") >= 0
    assert status.pop("version")
    assert status == {
        "spans": 0,
        "maxBytes": settings.max_bytes,
        "removedSpans": 0,
        "pendingSpans": 0,
        "otlpHttp": "http://127.0.0.1:4318",
        "otlpGrpc": "127.0.0.1:4317",
        "services": [],
    }


def test_status_counts_spans_and_names_services(stocked: Client) -> None:
    status = stocked.json("/api/x/status")

    assert status["spans"] == 5
    assert status["services"] == ["billing", "gateway", "payments"]


def test_a_trace_comes_depth_first(stocked: Client) -> None:
    assert tree(stocked) == [
        (0, "POST /orders"),
        (1, "POST"),
        (2, "POST /invoices"),
        (3, "price"),
        (3, "POST /charges"),
    ]


def test_a_row_of_the_waterfall(client: Client, send: Send) -> None:
    code = {"code.file.path": "gateway/orders.py", "code.line.number": 42}
    send(
        batch(span("root", ms=100), service="web", scope="tracing_starter_kit.flask"),
        batch(
            span("call", number=2, parent=1, at_ms=5.5, kind=CLIENT, status=ERROR,
                 attributes=code),
            service="shop",
        ),
    )  # fmt: skip

    trace = client.json("/api/x/traces/1")

    assert (trace["traceId"], trace["services"]) == (trace_hex(1), ["web", "shop"])
    assert (trace["startUs"], trace["durationUs"]) == (T0 / 1000, 100_000)
    assert trace["spans"][1] == {
        "id": span_hex(2),
        "parent": span_hex(1),
        "depth": 1,
        "service": 1,
        "name": "call",
        "kind": "CLIENT",
        "offsetUs": 5500.0,
        "durationUs": 10_000.0,
        "error": True,
        "made": "hand",
        "orphan": False,
        "code": "gateway/orders.py:42",
        "children": 0,
    }
    assert trace["spans"][0]["made"] == "auto"
    assert (trace["spans"][0]["parent"], trace["spans"][0]["children"]) == (None, 1)
    assert trace["warnings"] == []


@pytest.mark.parametrize(
    ("scope", "made"),
    [
        ("opentelemetry.instrumentation.requests", "auto"),
        ("tracing_starter_kit.celery", "auto"),
        ("@opentelemetry/instrumentation-http", "auto"),
        ("io.opentelemetry.tomcat-10.0", "auto"),
        ("go.opentelemetry.io/contrib/net/http", "auto"),
        ("OpenTelemetry.Instrumentation.AspNetCore", "auto"),
        ("tracing_starter_kit.traced", "hand"),
        ("billing.pricing", "hand"),
        ("", "hand"),
    ],
)
def test_the_scope_tells_automatic_spans_from_handwritten_ones(
    client: Client, send: Send, scope: str, made: str
) -> None:
    send(batch(span(), scope=scope))

    assert client.json("/api/x/traces/1")["spans"][0]["made"] == made


def test_an_orphan_stands_at_the_top_and_causes_a_warning(
    client: Client, send: Send
) -> None:
    send(batch(span("root", at_ms=5), span("lost", number=3, parent=2, at_ms=1)))

    trace = client.json("/api/x/traces/1")

    assert [(s["name"], s["depth"], s["orphan"]) for s in trace["spans"]] == [
        ("lost", 0, True),
        ("root", 0, False),
    ]
    assert trace["warnings"] == [
        "1 span names a parent that is missing: late, lost, or not sampled."
    ]


def test_a_late_parent_gets_its_children_back(client: Client, send: Send) -> None:
    send(batch(span("child", number=2, parent=1, at_ms=1)))
    send(batch(span("root", number=1)))

    assert tree(client) == [(0, "root"), (1, "child")]


def test_spans_in_a_ring_are_all_shown(client: Client, send: Send) -> None:
    send(batch(span("a", number=1, parent=2), span("b", number=2, parent=1, at_ms=1)))

    assert tree(client) == [(0, "a"), (1, "b")]


def test_a_span_that_is_its_own_parent_is_shown(client: Client, send: Send) -> None:
    send(batch(span("self", number=1, parent=1)))

    assert tree(client) == [(0, "self")]


def test_a_chain_of_5000_spans(client: Client, send: Send) -> None:
    send(
        batch(*(span(str(n), number=n, parent=n - 1, at_ms=n) for n in range(1, 5001)))
    )

    assert tree(client)[-1] == (4999, "5000")


def test_an_unknown_trace_is_404_with_a_sentence(empty: Client) -> None:
    response = empty.get(f"/api/x/traces/{trace_hex(9)}")

    assert response.status_code == 404
    assert response.json() == {
        "error": {
            "httpCode": 404,
            "message": f"No span of trace {trace_hex(9)} has arrived yet.",
        }
    }


def test_all_of_a_span(client: Client, send: Send, store: Store) -> None:
    rich = span(
        "POST /orders",
        number=2,
        parent=1,
        at_ms=10,
        kind=SERVER,
        status=ERROR,
        message="declined",
        attributes={
            "whole": 42,
            "large": 2**60,
            "real": 0.5,
            "not a number": float("nan"),
            "flag": True,
            "list": ["a", 2**60],
            "map": {"k": b"\x00"},
            "bytes": b"\xff",
            "none": None,
            "code.file.path": "a.py",
            "code.line.number": 7,
            "code.function.name": "a.f",
        },
        events=[event("retry", 15, n=1)],
        links=[link(7, 8, why="x")],
    )
    send(batch(span("root"), rich, resource={"host.name": "h"}, scope="s"))
    store.submit("logs", export_log("charged", trace=1, span=2)).result(10)
    assert store.flush()

    details = client.json(f"/api/x/traces/1/spans/{span_hex(2)}")

    attributes = {a["key"]: (a["type"], a["value"]) for a in details.pop("attributes")}
    assert attributes == {
        "whole": ("int", 42),
        "large": ("int", str(2**60)),
        "real": ("double", 0.5),
        "not a number": ("double", "NaN"),
        "flag": ("bool", True),
        "list": ("array", ["a", str(2**60)]),
        "map": ("map", {"k": "AA=="}),
        "bytes": ("bytes", "/w=="),
        "none": ("empty", None),
        "code.file.path": ("string", "a.py"),
        "code.line.number": ("int", 7),
        "code.function.name": ("string", "a.f"),
    }
    assert details == {
        "id": span_hex(2),
        "parent": span_hex(1),
        "name": "POST /orders",
        "kind": "SERVER",
        "service": "shop",
        "startUs": T0 / 1000 + 10_000,
        "durationUs": 10_000.0,
        "status": {"code": "ERROR", "message": "declined"},
        "events": [
            {
                "name": "retry",
                "offsetUs": 15_000.0,
                "attributes": [attribute("n", "int", 1)],
            }
        ],
        "links": [
            {
                "traceId": trace_hex(7),
                "spanId": span_hex(8),
                "attributes": [attribute("why", "string", "x")],
            }
        ],
        "resource": [
            attribute("service.name", "string", "shop", group="standard"),
            attribute("host.name", "string", "h", group="standard"),
        ],
        "scope": {"name": "s", "version": ""},
        "made": "hand",
        "code": {"path": "a.py", "line": 7, "function": "a.f"},
        "logs": [
            {
                "timeUs": (T0 + MS) / 1000,
                "severity": "INFO",
                "body": "charged",
                "attributes": [],
            }
        ],
    }


def test_a_span_without_code_says_so(client: Client, send: Send) -> None:
    send(batch(span()))

    assert client.json(f"/api/x/traces/1/spans/{span_hex(1)}")["code"] is None


def test_the_older_names_of_the_code_attributes_are_read(
    client: Client, send: Send
) -> None:
    attributes = {
        "code.filepath": "a.py",
        "code.lineno": 3,
        "code.namespace": "shop.a",
        "code.function": "f",
    }
    send(batch(span(attributes=attributes)))

    assert client.json("/api/x/traces/1")["spans"][0]["code"] == "a.py:3"
    assert client.json("/api/x/traces/1/spans/1")["code"] == {
        "path": "a.py",
        "line": 3,
        "function": "shop.a.f",
    }


def test_an_unknown_span_is_404(client: Client, send: Send) -> None:
    send(batch(span()))

    assert client.get(f"/api/x/traces/1/spans/{span_hex(9)}").status_code == 404


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("field=service", ["billing", "gateway", "payments"]),
        ("field=service&prefix=PAY", ["payments"]),
        ("field=operation&prefix=post", [
            "POST", "POST /charges", "POST /invoices", "POST /orders"]),
        ("field=operation&service=billing", ["POST /invoices", "price"]),
        ("field=operation&prefix=o", ["POST", "POST /charges", "POST /invoices",
                                      "POST /orders"]),
        ("field=attribute-key", ["service.name", "shop.customer.id", "shop.plan"]),
        ("field=attribute-key&prefix=plan", ["shop.plan"]),
        ("field=attribute-value&key=shop.plan", ["team"]),
        ("field=attribute-value&key=shop.plan&prefix=x", []),
    ],
)  # fmt: skip
def test_suggestions(stocked: Client, query: str, values: list[str]) -> None:
    assert stocked.json(f"/api/x/suggest?{query}") == {"values": values}


def test_values_that_start_with_the_prefix_are_suggested_first(
    client: Client, send: Send
) -> None:
    send(batch(span("a pay", number=1), span("pay b", number=2)))

    suggestions = client.json("/api/x/suggest?field=operation&prefix=pay")

    assert suggestions["values"] == ["pay b", "a pay"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/api/x/suggest", "Parameter field: '' is not one of service, operation"),
        (
            "/api/x/suggest?field=attribute-value",
            "Parameter key: must name the attribute",
        ),
        (
            "/api/x/traces?limit=0",
            "Parameter limit: '0' is not a positive number.",
        ),
        ("/api/x/traces?minDuration=2", "Parameter minDuration: '2' is not a duration"),
        ("/api/x/traces?attribute=x", "Parameter attribute: 'x' is not of the form"),
        ("/api/x/traces?start=5&end=4", "Parameter end: must not be less than start."),
        ("/api/x/traces/xyz", "Parameter traceID: 'xyz' is not a trace id"),
        ("/api/x/live?limit=x", "Parameter limit: 'x' is not a positive number"),
    ],
)
def test_a_bad_parameter_is_400_with_a_sentence(
    empty: Client, path: str, message: str
) -> None:
    response = empty.get(path)

    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert response.json()["error"]["message"].startswith(message)


def test_a_quiet_request_keeps_the_browsers_console_clean(empty: Client) -> None:
    response = empty.get(f"/api/x/traces/{trace_hex(9)}?quiet=1")

    assert response.status_code == 200
    assert response.json()["error"]["httpCode"] == 404


def test_other_apis_have_no_quiet_requests(empty: Client) -> None:
    assert empty.get(f"/api/v3/traces/{trace_hex(9)}?quiet=1").status_code == 404
