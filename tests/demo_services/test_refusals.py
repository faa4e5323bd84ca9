"""Every error that a client can get, and its message."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from demo_services.problems import answer_problems
from tests.demo_services.databases import lose_database
from tests.demo_services.system import ORDER, System, running_system

Fields = dict[str, Any]


def assert_problem(answer: requests.Response, status: int, title: str) -> Fields:
    """Return a problem (RFC 9457), which has a sentence and no stack trace."""
    assert (answer.status_code, answer.json()["title"]) == (status, title)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"].endswith(".")
    assert "Traceback" not in answer.text
    return dict(answer.json())


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"{", "not JSON"),
        (b"[]", "not a JSON object"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 20_000, "not JSON"),
        (b'{"plan": "team"}', "missing"),
    ],
)
def test_a_body_that_is_not_an_order_is_400(
    system: System, body: bytes, detail: str
) -> None:
    answer = system.post(
        "gateway", "/orders", data=body, headers=system.by("demo-key-ada")
    )

    problem = assert_problem(answer, 400, "Malformed order")
    assert detail in problem["detail"]


@pytest.mark.parametrize(
    "field",
    [
        {"quantity": "3"},
        {"quantity": 2.5},
        {"quantity": True},
        {"plan": 7},
        {"card": {"number": "4242"}},
        {"coupon": []},
        {"currency": "\ud800"},
        {"plan": "x" * 101},
        {"colour": "blue"},
    ],
)
def test_a_field_of_the_wrong_kind_is_400_and_named(
    system: System, field: Fields
) -> None:
    problem = assert_problem(system.order(**field), 400, "Malformed order")

    assert next(iter(field)) in problem["detail"]


@pytest.mark.parametrize("name", ORDER)
def test_a_missing_field_is_400_and_named(system: System, name: str) -> None:
    removed: Fields = {name: None}

    problem = assert_problem(system.order(**removed), 400, "Malformed order")

    assert f"The field {name} is missing" in problem["detail"]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    fields=st.dictionaries(st.sampled_from([*ORDER, "coupon", "email"]), json_values)
)
def test_no_order_causes_an_internal_error(system: System, fields: Fields) -> None:
    body = json.dumps(ORDER | fields)  # NaN and half characters included

    answer = system.post(
        "gateway", "/orders", data=body, headers=system.by("demo-key-ada")
    )

    assert answer.status_code in (201, 400, 402, 422)


def test_a_body_that_is_too_long_is_413(system: System) -> None:
    answer = system.post(
        "gateway", "/orders", data=b" " * 70_000, headers=system.by("demo-key-ada")
    )

    assert_problem(answer, 413, "Request Entity Too Large")


def test_no_key_is_401(system: System) -> None:
    answer = system.post("gateway", "/orders", json=ORDER)

    assert_problem(answer, 401, "API key missing")


def test_an_unknown_key_is_401(system: System) -> None:
    assert_problem(system.order("no-key"), 401, "API key unknown")


def test_a_declined_card_is_402_and_says_why(system: System) -> None:
    answer = system.order(card="demo-card-decline")

    problem = assert_problem(answer, 402, "Card declined")
    assert "insufficient funds" in problem["detail"]


def test_a_declined_order_can_be_read(system: System) -> None:
    order_id = system.order(card="demo-card-decline").json()["order_id"]

    order = system.get(
        "gateway", f"/orders/{order_id}", headers=system.by("demo-key-ada")
    )
    assert order.json()["status"] == "declined"
    assert order.json()["declined_because"] == "insufficient funds"


def test_an_unknown_order_is_404(system: System) -> None:
    answer = system.get("gateway", "/orders/o-none", headers=system.by("demo-key-ada"))

    assert_problem(answer, 404, "Order unknown")


def test_somebody_elses_order_is_404(system: System) -> None:
    order_id = system.order("demo-key-ada").json()["order_id"]

    answer = system.get(
        "gateway", f"/orders/{order_id}", headers=system.by("demo-key-bob")
    )

    assert_problem(answer, 404, "Order unknown")


def test_an_unknown_address_is_404(system: System) -> None:
    assert_problem(system.get("gateway", "/nothing"), 404, "Not Found")


def test_a_method_that_is_not_allowed_is_405_and_names_those_that_are(
    system: System,
) -> None:
    answer = system.get("gateway", "/orders")

    assert_problem(answer, 405, "Method Not Allowed")
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ({"plan": "gold"}, "Unknown plan"),
        ({"quantity": 0}, "Quantity out of range"),
        ({"quantity": -3}, "Quantity out of range"),
        ({"quantity": 1001}, "Quantity out of range"),
        ({"quantity": 10**40}, "Quantity out of range"),
        ({"currency": "XXX"}, "Unknown currency"),
        ({"coupon": "FREE"}, "Unknown coupon"),
    ],
)
def test_a_value_that_is_not_sold_is_422(
    system: System, field: Fields, title: str
) -> None:
    assert_problem(system.order(**field), 422, title)


def test_too_many_requests_of_a_tenant_are_429_until_the_minute_ends(
    system: System,
) -> None:
    # Three are allowed; seven in a row are too many even if a new minute begins.
    answers = [system.order("demo-key-dan") for _ in range(7)]

    refused = next(answer for answer in answers if answer.status_code != 201)
    assert_problem(refused, 429, "Too many requests")
    assert 1 <= int(refused.headers["Retry-After"]) <= 60


@pytest.fixture
def nowhere() -> Iterator[str]:
    """An address where nobody listens; its port is bound, so that it stays free."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.mark.parametrize("service", ["billing", "payments"])
def test_a_service_that_is_down_is_503_and_named(
    service: str, nowhere: str, broker_url: str, tmp_path: Path
) -> None:
    down: Fields = {f"{service}_url": nowhere}
    with running_system(tmp_path, broker_url, **down) as system:
        answer = system.order()

    problem = assert_problem(answer, 503, f"No answer from {service}")
    assert problem["down"] == service
    assert int(answer.headers["Retry-After"]) >= 1


def test_a_card_network_that_does_not_answer_is_503_within_the_deadline(
    broker_url: str, tmp_path: Path
) -> None:
    hurry: Fields = {"network_timeout": 0.2, "network_deadline": 0.6}
    with running_system(tmp_path, broker_url, **hurry) as system:
        answer = system.order(card="demo-card-timeout")

    problem = assert_problem(answer, 503, "No answer from card network")
    assert problem["order_id"].startswith("o-")
    assert answer.elapsed.total_seconds() < 1.5


def test_a_database_that_cannot_be_used_is_503_and_named(
    broker_url: str, tmp_path: Path
) -> None:
    with running_system(tmp_path, broker_url) as system:
        system.apps["gateway"].extensions["database"].dispose()
        lose_database(tmp_path, "gateway")
        answer = system.order()

    assert_problem(answer, 503, "No answer from database of gateway")


def test_an_internal_error_is_500_without_its_stack_trace() -> None:
    app = Flask("broken")
    answer_problems(app)
    app.add_url_rule("/", view_func=lambda: str(1 / 0))

    answer = app.test_client().get("/")

    assert answer.status_code == 500
    assert answer.get_json()["title"] == "Internal error"
    assert "division" not in answer.text
