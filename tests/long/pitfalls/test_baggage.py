"""Baggage goes to every host by itself, but not to the span that sets it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from opentelemetry import baggage, context
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from instrumentation.business import BusinessFields, set_fields
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.instrumentation.attributes import attributes
from tests.long.pitfalls.conftest import Expect


class Stranger(BaseHTTPRequestHandler):
    """A service of another company, which keeps the headers of its requests."""

    request_headers: dict[str, str | None]

    def do_GET(self) -> None:
        self.request_headers.update(self.headers)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def stranger() -> Iterator[HTTPServer]:
    Stranger.request_headers = {}
    with HTTPServer(("127.0.0.1", 0), Stranger) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def traced_requests(provider: TracerProvider) -> Iterator[None]:
    RequestsInstrumentor().instrument(tracer_provider=provider)
    yield
    RequestsInstrumentor().uninstrument()


@pytest.fixture
def fields(
    kind: str,
    provider: TracerProvider,
    own_propagator: None,  # restores the propagator that BusinessFields replaces
) -> None:
    if kind == "kit":
        provider.add_span_processor(BusinessFields(["shop.customer.id"]))


def name_customer(kind: str) -> None:
    if kind == "stock":
        context.attach(baggage.set_baggage("shop.customer.id", "c-17"))
    else:
        set_fields({"shop.customer.id": "c-17"})


@pytest.mark.usefixtures("fields", "traced_requests")
def test_every_host_that_is_called_gets_the_baggage(
    kind: str, stranger: HTTPServer, spans: Spans, expect: Expect
) -> None:
    with span("order"):
        name_customer(kind)
        requests.get(f"http://127.0.0.1:{stranger.server_port}/", timeout=20)

    assert len(spans.find("GET")) == 1
    assert "traceparent" in Stranger.request_headers
    expect("baggage" in Stranger.request_headers, stock=True, kit=False)


@pytest.mark.usefixtures("fields")
def test_the_span_that_sets_baggage_does_not_have_it(
    kind: str, spans: Spans, expect: Expect
) -> None:
    with span("order"):
        name_customer(kind)

    customer = attributes(spans.one("order")).get("shop.customer.id")
    expect(customer, stock=None, kit="c-17")
