"""Each possible end of a task is in its trace, also when its process died."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.instrumentation.processes import PROGRAMS
from tests.instrumentation.receiver import Receiver
from tests.long.processes.servers import running
from tests.long.processes.test_celery_workers import TERM, publish, working

AT_ONCE = {"OTEL_BSP_SCHEDULE_DELAY": "100", "program": "limits"}


def attributes(span: Span) -> dict[str, Any]:
    return {
        attribute.key: getattr(
            attribute.value, attribute.value.WhichOneof("value") or ""
        )
        for attribute in span.attributes
    }


def named(receiver: Receiver, name: str) -> list[Span]:
    return [span for span in receiver.spans if span.name == name]


def outcome(
    receiver: Receiver, broker: str, folder: Path, code: str, task: str
) -> Span:
    """Publish, end the worker once the task's span is there, and return that span."""
    with working(receiver, broker, folder, "--concurrency=2", **AT_ONCE) as worker:
        publish(receiver, broker, code, "limits")
        receiver.wait_for(2, timeout=60)  # send, process
        log = worker.end(TERM)
    [producer] = named(receiver, f"send {task}")
    spans = named(receiver, f"process {task}")
    assert {span.parent_span_id for span in spans} == {producer.span_id}, log
    # A child that the hard time limit ends may still send its own span, without error.
    return max(spans, key=lambda span: span.status.code)


@pytest.mark.parametrize(
    ("task", "error", "seconds"),
    [
        ("slow", "billiard.exceptions.TimeLimitExceeded", 1),
        ("warned", "billiard.exceptions.SoftTimeLimitExceeded", 1),
        ("killed", "billiard.exceptions.WorkerLostError", 0),
    ],
)
def test_a_task_that_is_stopped_by_force_is_an_error(
    receiver: Receiver, broker: str, tmp_path: Path, task: str, error: str, seconds: int
) -> None:
    span = outcome(receiver, broker, tmp_path, f"t.{task}.delay()", task)

    assert attributes(span)["error.type"] == error
    assert attributes(span)["kit.task.state"] == "FAILURE"
    assert span.status.code == Status.STATUS_CODE_ERROR
    assert span.end_time_unix_nano - span.start_time_unix_nano >= seconds * 0.9e9


@pytest.mark.parametrize(
    "code",
    [
        "t.fine.apply_async(expires=-60)",
        "r = t.fine.apply_async(countdown=2); r.revoke()",
    ],
    ids=["expired", "revoked"],
)
def test_a_message_that_no_task_gets_is_no_error(
    receiver: Receiver, broker: str, tmp_path: Path, code: str
) -> None:
    span = outcome(receiver, broker, tmp_path, code, "fine")

    assert attributes(span)["kit.task.state"] == "REVOKED"
    assert span.status.code == Status.STATUS_CODE_UNSET


def test_a_task_that_is_revoked_while_it_runs_has_one_span(
    receiver: Receiver, broker: str, tmp_path: Path
) -> None:
    code = "import time; r = t.long.delay(); time.sleep(3); r.revoke(terminate=True)"
    span = outcome(receiver, broker, tmp_path, code, "long")

    assert receiver.names() == ["process long", "send long"]
    assert span.status.code == Status.STATUS_CODE_UNSET


def test_a_chord_is_one_trace(receiver: Receiver, broker: str, tmp_path: Path) -> None:
    with working(receiver, broker, tmp_path, "--concurrency=2", **AT_ONCE) as worker:
        publish(receiver, broker, "t.send_chord()", "limits")
        receiver.wait_for(6, timeout=60)
        worker.end(TERM)

    expected = [
        "process after",
        *["process fine"] * 2,
        "send after",
        *["send fine"] * 2,
    ]
    assert receiver.names() == expected
    [producer] = named(receiver, "send after")
    assert producer.parent_span_id in {
        s.span_id for s in named(receiver, "process fine")
    }


def test_each_message_of_beat_is_a_trace(
    receiver: Receiver, broker: str, tmp_path: Path
) -> None:
    command = (sys.executable, "-m", "celery", "-A", f"{PROGRAMS}.limits", "beat")
    schedule = ("--schedule", str(tmp_path / "schedule"), "--pidfile=")
    variables = {"OTEL_BSP_SCHEDULE_DELAY": "100", "BROKER_URL": broker}
    beat = (*command, *schedule)
    with running(*beat, endpoint=receiver.endpoint, folder=tmp_path, **variables):
        receiver.wait_for(3, timeout=60)

    assert set(receiver.names()) == {"send fine"}
    assert len({span.trace_id for span in receiver.spans}) == len(receiver.spans)
