"""The same traces as in `make demo`, read from Jaeger and from the viewer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.compose.stack import BACKENDS, Stack, revision
from tests.contract.code_lines import check_code
from tests.contract.contract import check, missing
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.traces.spans import Span

pytestmark = pytest.mark.timeout(600)
Started = dict[str, str]


def an_order(stack: Stack) -> Started:
    return dict(stack.kit("order"))


def a_declined_order(stack: Stack) -> Started:
    return dict(stack.kit("order", "--card", "demo-card-decline"))


def an_order_with_the_broker_down(stack: Stack) -> Started:
    stack.compose("stop", "valkey")
    try:
        return dict(stack.kit("order"))
    finally:
        stack.compose("start", "valkey")


def the_nightly_run(stack: Stack) -> Started:
    return dict(stack.kit("statements"))


TRACES: dict[str, Callable[[Stack], Started]] = {
    "order": an_order,
    "declined order": a_declined_order,
    "order with the broker down": an_order_with_the_broker_down,
    "nightly run": the_nightly_run,
}


@pytest.fixture(scope="session", params=TRACES)
def trace(request: pytest.FixtureRequest, stack: Stack) -> tuple[str, Started]:
    """Each trace of the contract, made once and read from both backends."""
    return request.param, TRACES[request.param](stack)


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_trace_is_as_in_the_contract(
    stack: Stack, trace: tuple[str, Started], backend: str
) -> None:
    name, started = trace
    spans = stack.await_spans(
        started["trace_id"], lambda spans: missing(spans, name), backend
    )

    order = {"order": started["order_id"]} if started.get("order_id") else {}
    check(spans, name, values=order)
    assert {span.resource["vcs.ref.head.revision"] for span in spans} == {revision()}


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_span_leads_to_a_line_of_its_function(stack: Stack, backend: str) -> None:
    placed = stack.order().json()
    spans = stack.await_spans(
        placed["trace_id"], lambda spans: missing(spans, "order"), backend
    )

    assert check_code(spans, ROOT) == []


def test_jaeger_and_the_viewer_have_the_same_spans(stack: Stack) -> None:
    trace_id = stack.order().json()["trace_id"]
    in_jaeger, in_viewer = (
        stack.await_spans(trace_id, lambda spans: missing(spans, "order"), backend)
        for backend in BACKENDS
    )

    assert by_id(in_jaeger) == by_id(in_viewer)


def by_id(spans: list[Span]) -> dict[str, Span]:
    """Return the spans by id: stores return them in different orders."""
    return {span.span_id: span for span in spans}


def test_an_answer_names_the_trace_in_jaeger_and_in_the_viewer(stack: Stack) -> None:
    placed = stack.order().json()

    page = f"/trace/{placed['trace_id']}"
    assert placed["trace_url"] == stack.url("COMPOSED_VIEWER_PORT", page)
    assert placed["jaeger_url"] == stack.url("JAEGER_PORT", page)
