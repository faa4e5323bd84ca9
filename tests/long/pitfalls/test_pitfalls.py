"""Each pitfall of the stock packages is still there, and the helpers do not have it.

A `stock` case that fails means that the pitfall is gone, and its cure may go as well.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.instrumentation.processes import REFUSED, ROOT, environment
from tests.instrumentation.receiver import Receiver

both = pytest.mark.parametrize("kind", ["stock", "kit"])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as running:
        yield running


def show(pitfall: str, kind: str, endpoint: str, **variables: str) -> str:
    """Run a pitfall, and return the last line of its output."""
    command = [sys.executable, "-m", "tests.long.pitfalls.program", pitfall, kind]
    process = subprocess.run(
        command,
        cwd=ROOT,
        env=environment(endpoint, **variables),
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout.strip().rpartition("\n")[2]


def span_with(receiver: Receiver, word: str) -> Span:
    [span] = [span for span in receiver.spans if word in span.name]
    return span


@both
def test_a_forked_child_loses_its_spans(receiver: Receiver, kind: str) -> None:
    show("forked_child", kind, receiver.endpoint)

    assert receiver.names() == ([] if kind == "stock" else ["work"])


@both
def test_a_child_forgets_the_instance_id_of_the_environment(kind: str) -> None:
    variable = {"OTEL_RESOURCE_ATTRIBUTES": "service.instance.id=pod-7"}
    instance = show("instance_id", kind, REFUSED, **variable)

    assert (instance == "pod-7") is (kind == "kit")


@both
def test_the_end_waits_long_for_a_dead_collector(kind: str) -> None:
    seconds = float(show("slow_exit", kind, REFUSED))

    assert (seconds <= 2.5) is (kind == "kit")


@both
def test_flush_reports_success_when_nothing_is_delivered(kind: str) -> None:
    assert show("flush", kind, REFUSED) == str(kind == "stock")


@both
def test_a_failed_publish_leaves_its_span_current(
    receiver: Receiver, kind: str
) -> None:
    is_clean = show("failed_publish", kind, receiver.endpoint)

    assert is_clean == str(kind == "kit")
    assert receiver.names() == ([] if kind == "stock" else ["send lost"])


@both
def test_an_expected_error_is_an_error_all_the_same(
    receiver: Receiver, kind: str
) -> None:
    show("expected_error", kind, receiver.endpoint)

    is_error = span_with(receiver, "charge").status.code == Status.STATUS_CODE_ERROR
    assert is_error is (kind == "stock")


@both
def test_a_streamed_body_is_not_in_the_request(receiver: Receiver, kind: str) -> None:
    show("streaming", kind, receiver.endpoint)

    request, inside = span_with(receiver, "GET"), span_with(receiver, "work")
    seconds = (request.end_time_unix_nano - request.start_time_unix_nano) / 1e9
    assert (seconds >= 0.2) is (kind == "kit")
    assert (inside.trace_id == request.trace_id) is (kind == "kit")


@both
def test_a_second_setup_goes_unnoticed(receiver: Receiver, kind: str) -> None:
    output = show("second_setup", kind, receiver.endpoint)

    assert ("Keep the first call" in output) is (kind == "kit")


@both
def test_baggage_is_lost_in_link_mode(receiver: Receiver, kind: str) -> None:
    customer = show("link_mode", kind, receiver.endpoint)

    assert customer == ("None" if kind == "stock" else "c-17")
