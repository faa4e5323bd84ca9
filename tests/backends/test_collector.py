"""The Collector with the shipped configuration: answers, changes and counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from google.protobuf.message import Message

from benchmarks.pipeline import Collector, collector
from tests.backends.counting import PROTOBUF
from tests.instrumentation.receiver import Receiver
from tests.system.demo import await_
from tests.viewer.telemetry import new_span, new_trace_id, traces

SHOP = "http://127.0.0.1:8610"
QUICK = {
    "connectors": {
        "span_metrics": {"metrics_flush_interval": "1s"},
        "service_graph": {
            "metrics_flush_interval": "1s",
            "store_expiration_loop": "1s",
        },
    }
}
CLIENT, SERVER = 3, 2


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    """Receives in place of the viewer."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="module")
def through(
    receiver: Receiver, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Collector]:
    folder = tmp_path_factory.mktemp("collector")
    with collector(folder, viewer=receiver.endpoint, change=QUICK) as through:
        yield through


def preflight(through: Collector, origin: str) -> requests.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,traceparent",
    }
    return requests.options(f"{through.otlp}/v1/traces", headers=headers, timeout=20)


def send(through: Collector, request: Message) -> None:
    body = request.SerializeToString()
    url = f"{through.otlp}/v1/traces"
    assert requests.post(url, body, headers=PROTOBUF, timeout=20).status_code == 200


def test_a_page_of_the_named_origin_may_send(through: Collector) -> None:
    answer = preflight(through, SHOP)

    assert answer.headers["Access-Control-Allow-Origin"] == SHOP


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:8611", "http://evil.example", "null"]
)
def test_a_page_of_another_origin_may_not(through: Collector, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in preflight(through, origin).headers


def test_a_resource_has_one_name_for_its_environment_and_no_command_line(
    through: Collector, receiver: Receiver
) -> None:
    request = traces(new_span(name="cleaned"))
    attributes = request.resource_spans[0].resource.attributes
    for key in ("deployment.environment", "process.command_line", "process.owner"):
        attributes.add(key=key).value.string_value = "staging"

    before = len(receiver.spans)
    send(through, request)
    receiver.wait_for(before + 1)

    assert receiver.resources[-1] == {
        "service.name": "shop",
        "deployment.environment.name": "staging",
    }


def test_calls_between_services_are_counted(through: Collector) -> None:
    trace_id = new_trace_id()
    caller = new_span(trace_id, kind=CLIENT, name="call")
    called = new_span(
        trace_id, kind=SERVER, name="answer", parent_span_id=caller.span_id
    )
    send(through, traces(caller, service="front"))
    send(through, traces(called, service="back"))

    metrics = await_(
        lambda: through.metrics("prometheus"),
        lambda text: "traces_service_graph_request_total" in text,
        lambda text: f"no pair in: {text}",
        within=60,
    )

    assert 'client="front"' in metrics
    assert 'server="back"' in metrics
    assert "traces_span_metrics_calls_total{" in metrics
    assert 'span_name="answer"' in metrics


def test_its_metrics_have_the_size_of_its_queues(through: Collector) -> None:
    lines = through.metrics().splitlines()

    for data, exporter in (
        ("traces", "otlp_http/jaeger"),
        ("logs", "otlp_http/viewer"),
    ):
        queue = f'{{data_type="{data}",exporter="{exporter}"}}'
        assert f"otelcol_exporter_queue_capacity{queue} 1.073741824e+09" in lines
        assert any(f"otelcol_exporter_queue_size{queue} " in line for line in lines)


def test_the_allow_list_removes_an_attribute_that_it_does_not_name(
    tmp_path: Path,
) -> None:
    span = new_span(name="listed")
    for key in ("http.route", "shop.customer.birthday"):
        span.attributes.add(key=key).value.string_value = "/orders"
    over = ("allow-list.yaml",)
    with (
        Receiver() as receiver,
        collector(tmp_path, viewer=receiver.endpoint, over=over) as through,
    ):
        send(through, traces(span))
        receiver.wait_for(1)

    (received,) = receiver.spans
    assert received.name == "listed"
    assert {pair.key for pair in received.attributes} == {
        "http.route",
        "redaction.redacted.count",
    }
