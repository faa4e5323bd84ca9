"""The running system's traces, read over `/api/v3`, compared with the contract."""

from __future__ import annotations

import json

import pytest
import requests

from tests.contract.code_lines import check_code
from tests.contract.contract import check, missing
from tests.system.demo import Demo, await_
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.traces.spans import Span

MODES = ["kit", "auto"]


@pytest.fixture(params=MODES)
def system(request: pytest.FixtureRequest) -> Demo:
    """The running demo, once in each mode."""
    name = {"kit": "demo", "auto": "auto_demo"}[request.param]
    demo: Demo = request.getfixturevalue(name)
    return demo


def awaited(demo: Demo, trace_id: str, name: str) -> list[Span]:
    return demo.await_spans(trace_id, lambda spans: missing(spans, name, demo.tracing))


def test_an_order(system: Demo) -> None:
    placed = system.kit_json("order")
    spans = awaited(system, placed["trace_id"], "order")

    check(spans, "order", mode=system.tracing, values={"order": placed["order_id"]})


def test_a_declined_order(system: Demo) -> None:
    placed = system.kit_json("order", "--card", "demo-card-decline")
    spans = awaited(system, placed["trace_id"], "declined order")

    assert placed["status"] == 402
    check(spans, "declined order", mode=system.tracing)


def test_an_order_with_the_broker_down(system: Demo) -> None:
    assert system.kit("stop", "broker").returncode == 0
    try:
        placed = system.kit_json("order")
    finally:
        assert system.kit("start", "broker").returncode == 0
    name = "order with the broker down"
    spans = awaited(system, placed["trace_id"], name)

    assert placed["status"] == 201
    check(spans, name, mode=system.tracing, values={"order": placed["order_id"]})


def test_the_nightly_run(system: Demo) -> None:
    started = system.kit_json("statements")
    spans = awaited(system, started["trace_id"], "nightly run")

    check(spans, "nightly run", mode=system.tracing)


def test_the_command_shows_the_whole_nightly_run(system: Demo) -> None:
    answer = system.kit("statements")

    assert answer.returncode == 0, answer.stdout
    assert "incomplete" not in answer.stdout
    assert "notifications.sum_up_statements" in answer.stdout


def test_every_span_leads_to_a_line_of_its_function(demo: Demo) -> None:
    placed = demo.kit_json("order")
    spans = awaited(demo, placed["trace_id"], "order")

    assert check_code(spans, ROOT) == []


def test_health_checks_and_polling_make_no_traces(demo: Demo) -> None:
    awaited(demo, demo.kit_json("statements")["trace_id"], "nightly run")
    awaited(demo, demo.kit_json("order")["trace_id"], "order")

    roots = {
        (summary["rootService"], summary["rootName"]) for summary in demo.summaries()
    }

    assert roots == {
        ("gateway", "POST /orders"),
        ("billing", "POST /statements"),
    }


def test_an_e_mail_address_of_a_caller_is_redacted(demo: Demo) -> None:
    order = {"plan": "team", "quantity": 3, "currency": "EUR"}
    order |= {"card": "demo-card-approve", "email": "jane@mail.example"}
    headers = {"X-API-Key": "demo-key-ada", "User-Agent": "bot of jane@mail.example"}
    address = demo.url("GATEWAY_PORT", "/orders")
    placed = requests.post(address, json=order, headers=headers, timeout=20).json()
    assert "order_id" in placed, placed
    spans = awaited(demo, placed["trace_id"], "order")

    agents = {span.attributes.get("user_agent.original") for span in spans}
    assert "bot of REDACTED" in agents
    assert "mail.example" not in repr(spans)


def test_a_log_line_names_its_trace(demo: Demo) -> None:
    trace_id = demo.kit_json("order")["trace_id"]

    (line,) = await_(
        lambda: [line for line in demo.log("worker").splitlines() if trace_id in line],
        bool,
        lambda _: f"no line of the worker's log names {trace_id}",
    )

    assert json.loads(line)["message"].startswith("delivered receipt")


def test_a_log_line_stands_beside_its_span_in_the_viewer(demo: Demo) -> None:
    placed = demo.kit_json("order")
    spans = awaited(demo, placed["trace_id"], "order")
    (task,) = [span for span in spans if span.kind == "CONSUMER"]
    path = f"/api/x/traces/{task.trace_id}/spans/{task.span_id}"

    (line,) = await_(
        lambda: requests.get(demo.url("VIEWER_PORT", path), timeout=10).json()["logs"],
        bool,
        lambda _: f"no log line beside {task.name}",
    )

    assert line["body"].startswith("delivered receipt")
