"""Business fields: the spans that have them, the processes and hosts that get them."""

from __future__ import annotations

import datetime
import decimal
import enum
import gc
import threading
from collections.abc import Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry import baggage, context, propagate, trace
from opentelemetry.instrumentation import _semconv
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
from opentelemetry.trace import NonRecordingSpan, SpanContext, SpanKind

from instrumentation import business
from instrumentation.business import BusinessFields, add_to_fields, set_fields
from instrumentation.context import (
    ContextThreadPoolExecutor,
    from_headers,
    inject_headers,
)
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.instrumentation.any_line import at_every_line
from tests.instrumentation.attributes import attributes, own_attributes

pytestmark = pytest.mark.usefixtures("own_propagator")
ALLOWED = ["shop.customer.id", "shop.order.quantity", "shop.vip", "shop.ratio"]


class Plan(enum.Enum):
    PRO = "pro"


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("detached")


@pytest.fixture
def fields(provider: TracerProvider, spans: Spans) -> BusinessFields:
    fields = BusinessFields(ALLOWED, send_to=["billing.internal", "*.eu.internal:8443"])
    provider.add_span_processor(fields)
    return fields


@pytest.fixture
def tracer(provider: TracerProvider, fields: BusinessFields) -> trace.Tracer:
    return provider.get_tracer("test")


def fields_of(spans: Spans, name: str) -> dict[str, object]:
    return own_attributes(spans.one(name))


def test_fields_are_on_the_current_the_entry_and_later_spans_but_not_in_between(
    tracer: trace.Tracer, spans: Spans
) -> None:
    with span("entry"):
        with span("between"), span("current"):
            set_fields({"shop.customer.id": "c-17"})
        with span("later"):
            pass

    assert fields_of(spans, "entry") == {"shop.customer.id": "c-17"}
    assert fields_of(spans, "current") == {"shop.customer.id": "c-17"}
    assert fields_of(spans, "later") == {"shop.customer.id": "c-17"}
    assert fields_of(spans, "between") == {}


def test_the_next_request_does_not_have_the_fields(
    tracer: trace.Tracer, spans: Spans
) -> None:
    with span("first"):
        set_fields({"shop.customer.id": "c-17"})
    with span("second"):
        pass

    assert fields_of(spans, "second") == {}


def test_values_keep_their_type_or_become_text_quietly(
    tracer: trace.Tracer, spans: Spans, caplog: pytest.LogCaptureFixture
) -> None:
    with span("entry"):
        set_fields(
            {
                "shop.a": True,
                "shop.b": 3,
                "shop.c": 0.5,
                "shop.d": decimal.Decimal("9.90"),
                "shop.e": datetime.date(2026, 11, 23),
                "shop.f": None,
                "shop.g": "x" * 1000,
                "shop.h": 2**63,
                "shop.i": "caf\udce9",
                "shop.j": Plan.PRO,
                "shop.k": Unspeakable(),
            }
        )

    assert fields_of(spans, "entry") == {
        "shop.a": True,
        "shop.b": 3,
        "shop.c": 0.5,
        "shop.d": "9.90",
        "shop.e": "2026-11-23",
        "shop.g": "x" * 256,
        "shop.h": "9223372036854775808",
        "shop.i": "caf?",
        "shop.j": "pro",
        "shop.k": "(Unspeakable without text)",
    }
    assert caplog.records == []


def test_without_a_span_nothing_happens() -> None:
    before = context.get_current()
    set_fields({"shop.customer.id": "c-17"})

    assert context.get_current() is before


def test_only_allowed_fields_travel(tracer: trace.Tracer) -> None:
    with span("entry"):
        set_fields({"shop.customer.id": "c-17", "shop.secret": "s"})
        headers = inject_headers()

    assert headers["baggage"] == "shop.customer.id=c-17"


def test_incoming_fields_are_on_the_entry_span_and_all_below(
    tracer: trace.Tracer, spans: Spans
) -> None:
    incoming = {
        "traceparent": f"00-{7:032x}-{8:016x}-01",
        "baggage": "shop.customer.id=c%2017;meta=1, shop.order.quantity=3,app.evil=x",
    }
    with from_headers(incoming), span("entry"), span("below"):
        onward = inject_headers()

    expected = {"shop.customer.id": "c 17", "shop.order.quantity": 3}
    assert fields_of(spans, "entry") == expected
    assert fields_of(spans, "below") == expected
    assert onward["baggage"] == "shop.customer.id=c%2017,shop.order.quantity=3"


def test_other_baggage_does_not_go_out(tracer: trace.Tracer) -> None:
    token = context.attach(baggage.set_baggage("password", "s3cret"))
    with span("entry"):
        headers = inject_headers()
    context.detach(token)

    assert set(headers) == {"traceparent"}


def live_attributes(current: trace.Span) -> dict[str, object]:
    assert isinstance(current, ReadableSpan)
    return attributes(current)


values = st.one_of(
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=256),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=values)
def test_any_value_arrives_with_its_type(tracer: trace.Tracer, value: object) -> None:
    with span("here"):
        set_fields({"shop.customer.id": value})
        headers = inject_headers()
    with from_headers(headers), span("there") as there:
        arrived = live_attributes(there)["shop.customer.id"]

    assert (type(arrived), arrived) == (type(value), value)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(header=st.text(st.characters(codec="latin-1"), max_size=300))
def test_no_header_can_break_a_request(tracer: trace.Tracer, header: str) -> None:
    with from_headers({"baggage": header}), span("entry") as entry:
        set_fields({"shop.order.quantity": 1})

        quantity = live_attributes(entry)["shop.order.quantity"]

    assert quantity == 1


@pytest.mark.parametrize(
    ("server", "has_baggage"),
    [
        ({"server.address": "billing.internal", "server.port": 5001}, True),
        ({"server.address": "Billing.Internal"}, True),
        ({"server.address": "pay.eu.internal", "server.port": 8443}, True),
        ({"server.address": "pay.eu.internal"}, False),
        ({"server.address": "billing.internal.evil.example"}, False),
        ({"server.address": "card-network.example"}, False),
        ({}, False),
    ],
)
def test_fields_go_only_to_the_hosts_in_send_to(
    tracer: trace.Tracer, server: dict[str, str], *, has_baggage: bool
) -> None:
    with span("entry"):
        set_fields({"shop.customer.id": "c-17"})
        with tracer.start_as_current_span("GET", None, SpanKind.CLIENT, server):
            headers = inject_headers()

    assert ("baggage" in headers) is has_baggage
    assert "traceparent" in headers


def test_a_url_may_stand_for_its_host_and_port(
    provider: TracerProvider, spans: Spans
) -> None:
    urls = ["http://localhost:5001/orders", "https://pay.example"]
    provider.add_span_processor(BusinessFields(ALLOWED, send_to=urls))
    tracer, has_baggage = provider.get_tracer("test"), {}
    for port in (5001, 5002, 443):
        host = "pay.example" if port == 443 else "localhost"
        server = {"server.address": host, "server.port": port}
        with tracer.start_as_current_span("GET", None, SpanKind.CLIENT, server):
            set_fields({"shop.customer.id": "c-17"})
            has_baggage[port] = "baggage" in inject_headers()

    assert has_baggage == {5001: True, 5002: False, 443: True}


def test_the_baggage_of_an_earlier_request_does_not_go_to_the_next_host(
    tracer: trace.Tracer,
) -> None:
    headers = {"baggage": "shop.customer.id=c-17"}  # as httpx repeats them
    foreign = {"server.address": "card-network.example"}
    with tracer.start_as_current_span("GET", None, SpanKind.CLIENT, foreign):
        propagate.inject(headers)

    assert set(headers) == {"traceparent"}


@pytest.mark.usefixtures("fields")
def test_an_unsampled_trace_sends_no_fields_to_anyone() -> None:
    incoming = baggage.set_baggage("shop.customer.id", "c-17")
    unsampled = NonRecordingSpan(SpanContext(7, 8, is_remote=False))
    carrier: dict[str, str] = {}
    propagate.inject(carrier, trace.set_span_in_context(unsampled, incoming))

    assert set(carrier) == {"traceparent"}


@pytest.mark.usefixtures("fields")
def test_a_second_processor_replaces_the_first(provider: TracerProvider) -> None:
    provider.add_span_processor(BusinessFields(["shop.vip"]))
    with provider.get_tracer("test").start_as_current_span("entry"):
        set_fields({"shop.customer.id": "c-17", "shop.vip": True})
        headers = inject_headers()

    assert headers["baggage"] == "shop.vip=true"


def test_threads_may_set_fields_at_once(tracer: trace.Tracer, spans: Spans) -> None:
    with span("entry") as entry:
        here = trace.set_span_in_context(entry)

        def work(number: int) -> None:
            token = context.attach(here)
            for step in range(50):
                set_fields({f"shop.field_{number}": step})
                with span("inner"):
                    pass
            context.detach(token)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert fields_of(spans, "entry") == {f"shop.field_{n}": 49 for n in range(4)}


@pytest.mark.timeout(20)
def test_a_finalizer_may_set_fields_at_any_time(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    with span("entry"):
        steps = iter(range(100))  # without an end, each step would cause another one

        def finalizer() -> None:
            if (step := next(steps, None)) is not None:
                set_fields({f"shop.step_{step % 20}": True})
                add_to_fields({"shop.rows": 1})

        with at_every_line(business, finalizer):
            set_fields({"shop.field": True})
            add_to_fields({"shop.rows": 1, "shop.cost": 0.1})
        with span("later"):
            pass

    fields = fields_of(spans, "entry")
    assert next(steps, None) is None
    assert (fields.pop("shop.rows"), fields.pop("shop.cost")) == (101, 0.1)
    assert len(fields) == 20 + 1
    assert fields_of(spans, "later") == fields


class ForeignHost(HTTPServer):
    """A service that is not ours, with the headers of its requests."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.requests: list[Message] = []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, ForeignHost)
        self.server.requests.append(self.headers)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Be quiet."""


@pytest.fixture
def foreign_host() -> Iterator[ForeignHost]:
    server = ForeignHost()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def traced_requests(provider: TracerProvider) -> Iterator[None]:
    """Contrib's instrumentation with the stable names, as in trace_clients."""
    stability = _semconv._OpenTelemetrySemanticConventionStability
    before = vars(stability)["_OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING"]
    http = _semconv._OpenTelemetryStabilitySignalType.HTTP
    stability._OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING = {
        http: _semconv._StabilityMode.HTTP
    }
    stability._initialized, was_initialized = True, stability._initialized
    RequestsInstrumentor().instrument(tracer_provider=provider)
    yield
    RequestsInstrumentor().uninstrument()
    stability._OTEL_SEMCONV_STABILITY_SIGNAL_MAPPING = before
    stability._initialized = was_initialized


@pytest.mark.usefixtures("traced_requests")
@pytest.mark.parametrize("is_allowed", [True, False])
def test_a_real_request_takes_fields_along_only_to_an_allowed_host(
    provider: TracerProvider, foreign_host: ForeignHost, *, is_allowed: bool
) -> None:
    url = f"http://127.0.0.1:{foreign_host.server_port}/charge"
    fields = BusinessFields(ALLOWED, send_to=[url] if is_allowed else [])
    provider.add_span_processor(fields)
    with span("entry"):
        set_fields({"shop.customer.id": "c-17"})
        requests.get(url, timeout=5)

    [headers] = foreign_host.requests
    assert headers["baggage"] == ("shop.customer.id=c-17" if is_allowed else None)
    assert headers["traceparent"]


def test_without_sampling_no_fields_are_sent(fields: BusinessFields) -> None:
    silent = TracerProvider(sampler=ALWAYS_OFF, shutdown_on_exit=False)
    silent.add_span_processor(fields)
    with silent.get_tracer("test").start_as_current_span("entry"):
        set_fields({"shop.customer.id": "c-17"})

        assert set(inject_headers()) == {"traceparent"}


@pytest.fixture
def rolled_up(provider: TracerProvider, spans: Spans) -> trace.Tracer:
    provider.add_span_processor(
        BusinessFields([], roll_up={"shop.db": "db.system.name"})
    )
    return provider.get_tracer("test")


def query(tracer: trace.Tracer, milliseconds: float) -> None:
    system = {"db.system.name": "sqlite"}
    select = tracer.start_span("SELECT", attributes=system, start_time=10**9)
    select.end(10**9 + int(milliseconds * 1e6))


def test_the_entry_span_counts_the_database_calls_below_it(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    with span("entry"):
        query(rolled_up, 1.5)
        with span("between"):
            query(rolled_up, 2.0004)

    sums = {"shop.db.count": 2, "shop.db.duration_ms": 3.5}
    assert fields_of(spans, "entry") == sums
    assert fields_of(spans, "between") == {}


def test_each_request_has_sums_of_its_own(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    for name in ("first", "second"):
        with span(name):
            query(rolled_up, 1)
    with span("third"):
        pass

    counts = [
        fields_of(spans, name).get("shop.db.count") for name in ("first", "third")
    ]
    assert counts == [1, None]
    assert fields_of(spans, "second")["shop.db.count"] == 1


def test_a_span_that_ends_after_its_entry_span_is_not_counted(
    rolled_up: trace.Tracer, spans: Spans, caplog: pytest.LogCaptureFixture
) -> None:
    with span("entry") as entry:
        here = trace.set_span_in_context(entry)
    late = rolled_up.start_span("late", here, attributes={"db.system.name": "x"})
    late.end()
    query(rolled_up, 1)  # without a parent: an entry span itself

    assert fields_of(spans, "entry") == {}
    assert caplog.records == []


def test_any_thread_adds_numbers_to_the_entry_span(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    with span("entry"), ContextThreadPoolExecutor(4) as pool:
        for _ in range(200):
            pool.submit(add_to_fields, {"shop.rows": 3, "shop.cost": 0.1})

    assert fields_of(spans, "entry") == {"shop.rows": 600, "shop.cost": 20.0}


def test_a_sum_begins_with_the_number_on_the_span(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    with span("entry"):
        set_fields({"shop.rows": 40})
        add_to_fields({"shop.rows": 1})
        add_to_fields({"shop.rows": 1})

    assert fields_of(spans, "entry") == {"shop.rows": 42}


def test_nan_and_infinity_are_added_up_too(
    rolled_up: trace.Tracer, spans: Spans
) -> None:
    with span("entry"):
        add_to_fields({"shop.cost": float("nan"), "shop.rows": float("inf")})

    assert str(fields_of(spans, "entry")) == "{'shop.cost': nan, 'shop.rows': inf}"


def test_adding_up_outside_of_a_span_does_nothing(rolled_up: trace.Tracer) -> None:
    before = context.get_current()
    add_to_fields({"shop.rows": 1})

    assert context.get_current() is before


def test_spans_that_have_ended_or_were_dropped_leave_no_memory_behind() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    fields = BusinessFields([], roll_up={"shop.db": "db.system.name"})
    provider.add_span_processor(fields)
    tracer = provider.get_tracer("test")
    for _ in range(10):
        query(tracer, 1)
        tracer.start_span("never ended")
    gc.collect()

    assert len(fields._open) == 0
