"""The workshop's log as four traces, without options."""

from __future__ import annotations

import pytest

from tests.log_reader.reading import files_of, tree
from tracing_starter_kit.kit.settings import ROOT
from tracing_starter_kit.log_reader.model import CONSUMER, INTERNAL, PRODUCER, Trace

LOG = ROOT / "tracing_starter_kit" / "workshop" / "logs" / "tasks.log"


@pytest.fixture(scope="module")
def tasks() -> dict[str, Trace]:
    traces = files_of(LOG)
    assert all(trace.spans for trace in traces)
    return {trace.title: trace for trace in traces}


def test_four_tasks_are_four_traces_and_every_line_is_in_one(
    tasks: dict[str, Trace],
) -> None:
    assert sorted(tasks) == ["task 72", "task 74", "task 77", "task 78"]
    assert sum(len(trace.records) for trace in tasks.values()) == 10
    assert len({trace.spans[0].trace_id for trace in tasks.values()}) == 4


def test_72_waited_200_ms_and_ran_6010_ms_until_it_timed_out(
    tasks: dict[str, Trace],
) -> None:
    task, wait, run = tasks["task 72"].spans

    assert (wait.end_ns - wait.start_ns, run.end_ns - run.start_ns) == (
        200_000_000,
        6_010_000_000,
    )
    assert (wait.start_ns, run.end_ns) == (task.start_ns, task.end_ns)
    assert (task.has_failed, run.has_failed, wait.has_failed) == (True, True, False)
    assert run.status_message == "Task timed out after 6.01 seconds"
    assert run.attributes["error.type"] == "timeout"
    assert run.attributes["kit.queue.duration_ms"] == 200


def test_74_succeeded_with_42_entries_its_email_step_apart(
    tasks: dict[str, Trace],
) -> None:
    _, run, step = tasks["task 74"].spans

    assert not tasks["task 74"].has_failed
    assert run.attributes["entries"] == 42
    assert (step.name, step.start_ns) == ("Task complete (email sent to …)", run.end_ns)
    assert step.end_ns - step.start_ns == 1_802_000_000


def test_77_failed_with_its_message_and_is_marked_as_skewed(
    tasks: dict[str, Trace],
) -> None:
    trace = tasks["task 77"]
    task, run = trace.spans

    assert task.has_failed
    assert run.has_failed
    assert run.status_message == "Task errored: unknown constant ::Fixnum"
    assert trace.skew_ns == 2_094_000_000
    assert task.attributes["log_reader.clock_skew_ms"] == 2094
    assert all(span.end_ns >= span.start_ns for span in trace.spans)


def test_the_skewed_line_keeps_the_time_that_it_was_stamped_with(
    tasks: dict[str, Trace],
) -> None:
    queued, error = tasks["task 77"].records

    assert queued.time_ns - error.time_ns == 2_094_000_000


def test_78_succeeded_with_no_entries(tasks: dict[str, Trace]) -> None:
    _, run, _ = tasks["task 78"].spans

    assert not tasks["task 78"].has_failed
    assert run.attributes["entries"] == 0


def test_the_spans_follow_the_messaging_conventions(tasks: dict[str, Trace]) -> None:
    task, wait, run = tasks["task 72"].spans

    assert [span.kind for span in (task, wait, run)] == [PRODUCER, INTERNAL, CONSUMER]
    assert run.parent_span_id == wait.parent_span_id == task.span_id
    assert (task.attributes["messaging.operation.type"], run.name) == (
        "send",
        "process task",
    )
    assert run.attributes["messaging.operation.type"] == "process"
    assert run.attributes["messaging.message.id"] == "72"


def test_each_line_is_a_log_record_of_its_span(tasks: dict[str, Trace]) -> None:
    trace = tasks["task 74"]
    queued, processed, complete = trace.records
    _, run, step = trace.spans

    assert processed.span_id == run.span_id
    assert complete.span_id == step.span_id
    assert {r.trace_id for r in trace.records} == {run.trace_id}
    assert queued.message == "Enqueued task task=74"


def test_the_tree_of_a_task_reads_like_its_story(tasks: dict[str, Trace]) -> None:
    assert tree(tasks["task 72"]) == [
        "tasks producer task ✗ 6.21 s Task timed out after 6.01 seconds",
        "tasks internal ├─ wait in queue 200 ms",
        "tasks consumer └─ process task ✗ 6.01 s Task timed out after 6.01 seconds",
    ]


def test_the_same_log_gives_the_same_ids(tasks: dict[str, Trace]) -> None:
    ids = [(s.trace_id, s.span_id) for t in files_of(LOG) for s in t.spans]

    assert ids == [(s.trace_id, s.span_id) for t in tasks.values() for s in t.spans]
    assert len(set(ids)) == len(ids)
