"""One program that uses everything: its trace, its names, its places in the code."""

from __future__ import annotations

import ast

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.contract.conventions import complaints
from tests.instrumentation.processes import REFUSED, ROOT, run
from tests.instrumentation.receiver import Receiver

PROGRAM = "tests/instrumentation/programs/everything.py"


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Receiver:
    folder = tmp_path_factory.mktemp("database")
    with Receiver() as receiver:
        run("everything", str(folder), endpoint=receiver.endpoint)
    return receiver


def attributes(span: Span) -> dict[str, str | int]:
    return {a.key: a.value.int_value or a.value.string_value for a in span.attributes}


def test_every_name_is_a_current_conventions_or_ours(everything: Receiver) -> None:
    assert complaints(everything.attribute_names()) == []


def test_calls_that_belong_to_no_request_are_not_traced(everything: Receiver) -> None:
    roots = [span.name for span in everything.spans if not span.parent_span_id]

    assert roots == ["POST /orders"]


def test_the_trace_has_a_span_for_each_step(everything: Receiver) -> None:
    assert everything.names() == sorted(
        [
            "POST /orders",
            "write_order",
            "INSERT orders.db",
            "SELECT orders.db",
            "GET",
            "send receipt",
            "process receipt",
            "by hand",
        ]
    )


def test_database_spans_have_the_operation_for_a_name(everything: Receiver) -> None:
    insert = next(s for s in everything.spans if s.name == "INSERT orders.db")
    select = next(s for s in everything.spans if s.name == "SELECT orders.db")

    assert attributes(insert)["db.operation.name"] == "INSERT"
    assert attributes(insert)["db.system.name"] == "sqlite"
    assert attributes(select)["error.type"] == "sqlalchemy.exc.OperationalError"
    assert select.status.code == Status.STATUS_CODE_ERROR


def test_the_call_of_a_foreign_service_failed_once(everything: Receiver) -> None:
    call = next(s for s in everything.spans if s.name == "GET")

    assert attributes(call)["server.address"] == "127.0.0.1"
    assert attributes(call)["url.full"] == f"{REFUSED}/charge"
    assert attributes(call)["error.type"] == "requests.exceptions.ConnectionError"
    assert len(call.events) == 1


def test_every_span_leads_into_a_function_of_ours(everything: Receiver) -> None:
    places = {
        span.name: (
            attributes(span)["code.file.path"],
            str(attributes(span)["code.function.name"]).rpartition(".")[2],
            function_around(int(attributes(span)["code.line.number"])),
        )
        for span in everything.spans
    }

    assert places == {
        name: (PROGRAM, function, function)
        for name, function in {
            "POST /orders": "place_order",
            "write_order": "write_order",
            "INSERT orders.db": "write_order",
            "SELECT orders.db": "write_order",
            "GET": "place_order",
            "send receipt": "place_order",
            "process receipt": "receipt",
            "by hand": "place_order",
        }.items()
    }


def function_around(line: int) -> str:
    """Return the function of the program that a line lies in, from its `def` on."""
    tree = ast.parse((ROOT / PROGRAM).read_text())
    for node in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        if node.lineno <= line <= (node.end_lineno or 0):
            return node.name
    return "nowhere"
