"""What the Collector answers, keeps and counts, with the shipped configuration."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

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
    """In the viewer's place, to see what is sent there."""
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
    asked = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,traceparent",
    }
    return requests.options(f"{through.otlp}/v1/traces", headers=asked, timeout=20)


def send(through: Collector, request: object) -> None:
    body = request.SerializeToString()  # type: ignore[attr-defined]
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

    counted = await_(
        lambda: through.metrics("prometheus"),
        lambda text: "traces_service_graph_request_total" in text,
        lambda text: f"no pair was counted: {text}",
        within=60,
    )

    assert 'client="front"' in counted
    assert 'server="back"' in counted
    assert "traces_span_metrics_calls_total{" in counted
    assert 'span_name="answer"' in counted


def test_it_says_how_full_its_queues_are(through: Collector) -> None:
    lines = through.metrics().splitlines()

    for data, exporter in (
        ("traces", "otlp_http/jaeger"),
        ("logs", "otlp_http/viewer"),
    ):
        queue = f'{{data_type="{data}",exporter="{exporter}"}}'
        assert f"otelcol_exporter_queue_capacity{queue} 1.073741824e+09" in lines
        assert any(f"otelcol_exporter_queue_size{queue} " in line for line in lines)


def test_with_the_allow_list_an_attribute_that_nobody_named_is_removed(
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

    (kept,) = receiver.spans
    assert kept.name == "listed"
    assert {one.key for one in kept.attributes} == {
        "http.route",
        "redaction.redacted.count",
    }
