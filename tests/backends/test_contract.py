"""The demo's traces are unchanged after the Collector and Jaeger."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from benchmarks.pipeline import Collector, Jaeger, collector, jaeger
from tests.contract.contract import check, service_of_code
from tests.contract.played import Played, play
from tests.system.demo import await_
from tracing_starter_kit.traces.spans import Span, load_spans

NAMES = ["order", "declined order", "order with the broker down", "nightly run"]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return play(tmp_path_factory.mktemp("one_process"))


@pytest.fixture(scope="module")
def way(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Collector, Jaeger]]:
    folder = tmp_path_factory.mktemp("contract")
    with jaeger(folder) as store, collector(folder, jaeger=store.otlp) as through:
        yield through, store


def sent_through(
    way: tuple[Collector, Jaeger], played: Played, name: str
) -> list[Span]:
    """Send a trace; return it once Jaeger has as many spans."""
    through, store = way
    spans = played.spans(name)
    answer = requests.post(f"{through.otlp}/v1/traces", json=played.otlp(name))
    assert answer.status_code == 200, answer.text
    url = f"{store.query}/api/v3/traces/{spans[0].trace_id}"
    answer = await_(
        lambda: requests.get(url, timeout=20),
        lambda answer: answer.ok and len(load_spans(answer.json())) >= len(spans),
        lambda answer: answer.text,
    )
    return load_spans(answer.json())


@pytest.mark.parametrize("name", NAMES)
def test_a_trace_in_jaeger_is_as_in_the_contract(
    way: tuple[Collector, Jaeger], played: Played, name: str
) -> None:
    spans = sent_through(way, played, name)

    check(spans, name, service_of=service_of_code)
    assert by_id(spans) == by_id(played.spans(name))


def by_id(spans: list[Span]) -> dict[str, dict[str, object]]:
    """Return each span's attributes, without Jaeger's warning about no duration."""
    return {
        span.span_id: {
            key: value
            for key, value in span.attributes.items()
            if key != "@jaeger@warnings"
        }
        for span in spans
    }
