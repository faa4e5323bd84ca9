"""Requests that contrib's instrumentation of Flask misses, and `trace_flask` sees."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.sdk.trace import TracerProvider

from instrumentation.flask_tracing import trace_flask
from instrumentation.testing import Spans
from tests.long.pitfalls.conftest import Expect


@pytest.fixture
def app(kind: str, provider: TracerProvider) -> Flask:
    app = Flask(__name__)

    @app.get("/breaks")
    def breaks() -> str:
        raise LookupError("no such order")

    @app.errorhandler(LookupError)
    def sorry(_: LookupError) -> tuple[str, int]:
        return "sorry", 500

    if kind == "stock":
        FlaskInstrumentor().instrument_app(app, tracer_provider=provider)
    else:
        trace_flask(app, tracer_provider=provider)
    return app


def test_an_exception_that_an_error_handler_answers_is_not_recorded(
    app: Flask, spans: Spans, expect: Expect
) -> None:
    app.test_client().get("/breaks")

    [server] = spans.find()
    assert server.status.is_ok is False
    expect([event.name for event in server.events], stock=[], kit=["exception"])


@pytest.fixture
def instrument_all(kind: str, provider: TracerProvider) -> Iterator[None]:
    """The first example of contrib's documentation, under "automatic"."""
    instrumentor = FlaskInstrumentor()
    if kind == "stock":
        instrumentor.instrument(tracer_provider=provider)
    yield
    if kind == "stock":
        instrumentor.uninstrument()


@pytest.mark.usefixtures("instrument_all")
def test_instrument_after_flask_is_imported_has_no_effect(
    kind: str, provider: TracerProvider, spans: Spans, expect: Expect
) -> None:
    app = Flask(__name__)  # of `from flask import Flask`, at the top
    if kind == "kit":
        trace_flask(app, tracer_provider=provider)
    app.test_client().get("/nowhere")

    expect(len(spans.find()), stock=0, kit=1)
