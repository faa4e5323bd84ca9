"""Requests in JSON and key=value lines, with the field names of several servers."""

from __future__ import annotations

import json

import pytest

from tests.log_reader.reading import only_trace, traces_of, tree
from tracing_starter_kit.log_reader.formats.http_fields import with_request
from tracing_starter_kit.log_reader.model import Value

NGINX = {
    "time_iso8601": "2026-11-24T08:00:01+00:00",
    "request": "GET /orders/17?plan=pro HTTP/1.1",
    "status": "503",
    "request_time": "0.012",
}
CADDY = {
    "level": "info",
    "ts": 1_795_507_201.5,
    "msg": "handled request",
    "request": {"method": "GET", "uri": "/orders/17?plan=pro"},
    "duration": 0.012,
    "status": 503,
}
TRAEFIK = {
    "time": "2026-11-24T08:00:01Z",
    "RequestMethod": "GET",
    "RequestPath": "/orders/17?plan=pro",
    "DownstreamStatus": 503,
    "Duration": 12_000_000,
}
PINO = {
    "level": 30,
    "time": 1_795_507_201_500,
    "req": {"method": "GET", "url": "/orders/17?plan=pro"},
    "res": {"statusCode": 503},
    "responseTime": 12,
    "msg": "request completed",
}
LOGRAGE = (
    "time=2026-11-24T08:00:01Z method=GET path=/orders/17?plan=pro format=html "
    "controller=Orders action=show status=503 duration=12.00 view=1.10 db=2.40"
)


@pytest.mark.parametrize(
    "line",
    [*map(json.dumps, (NGINX, CADDY, TRAEFIK, PINO)), LOGRAGE],
    ids=["nginx", "Caddy", "Traefik", "pino", "lograge"],
)
def test_a_server_s_line_is_a_span_with_its_duration(line: str) -> None:
    trace = only_trace(line + "\n")

    assert tree(trace) == ["file1 server GET /orders/{id} ✗ 12 ms"]
    assert trace.spans[0].attributes["url.query"] == "plan=pro"


def test_each_request_is_a_trace_of_its_own() -> None:
    lines = [json.dumps(NGINX | {"request_time": str(n)}) for n in range(3)]

    assert len([t for t in traces_of("\n".join(lines)) if t.spans]) == 3


@pytest.mark.parametrize(
    "fields",
    [
        {"method": "GET", "path": "/orders"},
        {"method": "card", "path": "/orders", "status": 200},
        {"method": "GET", "path": "/orders", "status": "sold"},
        {"method": "GET", "url": "https://cards.example/charges", "status": 200},
        {"request": "r-17", "status": 200, "plan": "pro"},
    ],
    ids=["no status", "no method", "no number", "a client's request", "an id"],
)
def test_other_fields_stay_as_they_are(fields: dict[str, Value]) -> None:
    assert with_request(fields) == fields
