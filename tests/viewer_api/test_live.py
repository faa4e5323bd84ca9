"""The live stream: traces come by themselves, and the stream ends with its client."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette import types as asgi

from tests.viewer_api.conftest import Client, Send, Site
from tests.viewer_api.telemetry import batch, order, span, trace_hex


@contextmanager
def listening(client: Client, query: str = "") -> Iterator[Iterator[dict[str, Any]]]:
    """Open the stream, wait until it is connected, and return its events."""
    response = client.get(f"/api/x/live?{query}", stream=True)
    lines = response.iter_lines(chunk_size=1, decode_unicode=True)
    assert next(lines) == ": connected"
    try:
        yield (json.loads(line[6:]) for line in lines if line.startswith("data: "))
    finally:
        response.close()


def ids(event: dict[str, Any]) -> list[str]:
    return [trace["traceId"] for trace in event["traces"]]


def test_a_new_trace_comes_by_itself(client: Client, send: Send) -> None:
    with listening(client) as events:
        send(*order())

        event = next(events)

    assert ids(event) == [trace_hex(1)]
    assert event["traces"] == client.json("/api/x/traces")["traces"]


def test_older_traces_do_not_come_again(client: Client, send: Send) -> None:
    send(batch(span(trace=1)))

    with listening(client) as events:
        send(batch(span(trace=2)))

        assert ids(next(events)) == [trace_hex(2)]


def test_a_trace_that_grows_comes_again(client: Client, send: Send) -> None:
    with listening(client) as events:
        send(batch(span(number=1)))
        first = next(events)["traces"][0]["spanCount"]
        send(batch(span(number=2, parent=1)))
        second = next(events)["traces"][0]["spanCount"]

    assert (first, second) == (1, 2)


def test_only_matching_traces_come(client: Client, send: Send) -> None:
    with listening(client, "errors=1") as events:
        send(batch(span(trace=1)))
        send(*order(2))

        assert ids(next(events)) == [trace_hex(2)]


def test_a_trace_comes_again_with_a_span_that_does_not_match(
    client: Client, send: Send
) -> None:
    with listening(client, "operation=root") as events:
        send(batch(span("root", number=1)))
        next(events)
        send(batch(span("late", number=2, parent=1)))

        assert next(events)["traces"][0]["spanCount"] == 2


def test_the_stream_is_never_compressed(client: Client) -> None:
    headers = {"accept-encoding": "gzip"}

    response = client.get("/api/x/live", stream=True, headers=headers)
    response.close()

    assert response.headers["content-type"].startswith("text/event-stream")
    assert "content-encoding" not in response.headers


def test_waiting_streams_do_not_hold_up_other_requests(client: Client) -> None:
    """There are 40 threads for requests; 45 streams take none of them for long."""
    streams = [client.get("/api/x/live", stream=True) for _ in range(45)]

    status = client.get("/api/x/status")
    for stream in streams:
        stream.close()

    assert status.status_code == 200


def test_a_stream_ends_when_its_client_goes(site: Site, client: Client) -> None:
    app, ended = site.app, threading.Event()

    async def observed(
        scope: asgi.Scope, receive: asgi.Receive, send: asgi.Send
    ) -> None:
        await app(scope, receive, send)
        ended.set()

    site.app = observed
    with listening(client):
        assert not ended.is_set()

    assert ended.wait(10)
