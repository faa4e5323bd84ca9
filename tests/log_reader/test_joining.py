"""Lines of one id become the spans of one operation."""

from __future__ import annotations

import pytest

from log_reader.errors import LogReaderError
from log_reader.joining import joiner
from log_reader.joining.operations import DEEPEST
from log_reader.joining.vocabulary import Event, Vocabulary, duration
from tests.log_reader.reading import only_trace, records_of, traces_of, tree


def lines(*pairs: tuple[float, str]) -> str:
    """Return lines with a time each, in seconds after eight o'clock."""
    return "".join(f"2026-11-24T08:00:{at:06.3f}Z {what}\n" for at, what in pairs)


def test_a_start_and_an_end_are_one_span() -> None:
    log = lines((1, "job 15 started"), (3, "job 15 finished"))

    assert tree(only_trace(log)) == ["file1 consumer process job 2.00 s"]


def test_a_task_that_is_started_tells_its_wait_by_itself() -> None:
    log = lines((1, "queued task=7"), (2, "started task=7"), (4, "done task=7"))

    assert tree(only_trace(log)) == [
        "file1 producer task 3.00 s",
        "file1 internal ├─ wait in queue 1.00 s",
        "file1 consumer └─ process task 2.00 s",
    ]


def test_a_duration_longer_than_since_the_enqueueing_is_skew() -> None:
    log = lines((1, "enqueued task=7"), (2, "done in 5 s task=7"))

    trace = only_trace(log)

    assert trace.skew_ns == 4_000_000_000
    assert [span.end_ns - span.start_ns for span in trace.spans] == [10**9, 10**9]


def test_lines_without_a_begin_or_end_span_from_first_to_last() -> None:
    log = lines((1, "loading request_id=r1"), (1.5, "rendering request_id=r1"))

    assert tree(only_trace(log)) == ["file1 server request 500 ms"]


def test_a_line_with_a_duration_is_a_step_of_its_own() -> None:
    log = lines(
        (1, "request r-1 started"),
        (2, "SELECT took 250 ms request_id=r-1"),
        (3, "request r-1 done"),
    )

    assert tree(only_trace(log)) == [
        "file1 server request 2.00 s",
        "file1 internal └─ SELECT took … ms 250 ms",
    ]


def test_a_retry_is_another_run_of_the_same_task() -> None:
    log = lines(
        (1, "started jid=a1 class=MailJob"),
        (2, "fail jid=a1 class=MailJob"),
        (3, "started jid=a1 class=MailJob"),
        (4, "done jid=a1 class=MailJob"),
    )

    assert tree(only_trace(log)) == [
        "file1 internal MailJob 3.00 s",
        "file1 consumer ├─ process MailJob ✗ 1.00 s fail",
        "file1 consumer └─ process MailJob 1.00 s",
    ]


def test_an_id_that_is_queued_again_is_another_task() -> None:
    log = lines(
        (1, "enqueued task=7"),
        (2, "done task=7"),
        (3, "enqueued task=7"),
        (5, "failed task=7"),
    )

    traces = traces_of(log)

    assert [trace.failed for trace in traces] == [False, True]
    assert len({trace.spans[0].trace_id for trace in traces}) == 2


def test_a_task_without_an_end_is_unfinished_and_says_so() -> None:
    trace = only_trace(lines((1, "enqueued task=7"), (2, "started task=7")))

    assert trace.unfinished == 1
    assert trace.spans[0].attributes["log_reader.unfinished"] is True


def test_a_word_that_says_what_is_not_yet_is_no_event() -> None:
    log = lines((1, "task 7 queued"), (2, "task 7 not started yet"))

    trace = only_trace(log)

    assert tree(trace) == [
        "file1 producer task 1.00 s",
        "file1 internal └─ wait in queue 1.00 s",
    ]
    assert trace.spans[1].attributes["log_reader.unfinished"] is True


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ("Task timed out after 6.01 seconds", Event.TIMED_OUT),
        ("started with timeout=30", Event.STARTED),
        ("done, 0 failed", Event.ENDED),
        ("done failed=0", Event.ENDED),
        ("processed with no failure", Event.ENDED),
        ("completed with an error: no room", Event.FAILED),
        ("exited with code 1", Event.FAILED),
        ("exited with code 0", Event.ENDED),
        ("could not be completed", Event.FAILED),
        ("failed, will be retried", Event.RETRIED),
        ("will be queued", None),
        ("unstarted", None),
    ],
)
def test_words_tell_the_event(message: str, event: Event | None) -> None:
    assert Vocabulary().event(message) is event


@pytest.mark.parametrize(
    ("message", "fields", "milliseconds"),
    [
        ("timed out after 6.01 seconds", {}, 6010),
        ("Completed 200 OK in 50ms", {}, 50),
        ("took 1.5 min", {}, 90_000),
        ("done", {"duration_ms": 12}, 12),
        ("done", {"elapsed": 0.5}, 500),
        ("done", {"duration": "250ms"}, 250),
        ("done", {"duration": 250_000_000}, 250),
        ("done", {"queue_dur_ms": 12, "timeout_ms": 99}, None),
        ("retry in 5 s", {}, None),
        ("done in Berlin", {}, None),
    ],
)
def test_a_duration_is_read_from_text_and_fields(
    message: str, fields: dict, milliseconds: float | None
) -> None:
    found = duration(message, fields)

    assert (None if found is None else found / 1e6) == milliseconds


def test_a_task_inside_a_request_is_its_child() -> None:
    log = lines(
        (1, "request_id=r1 request started"),
        (2, "request_id=r1 task=7 enqueued"),
        (3, "request_id=r1 request done"),
        (4, "task=7 started"),
        (5, "task=7 done"),
    )

    assert tree(only_trace(log)) == [
        "file1 server request 2.00 s",
        "file1 producer └─ task 3.00 s",
        "file1 internal ├─ wait in queue 2.00 s",
        "file1 consumer └─ process task 1.00 s",
    ]


@pytest.mark.parametrize("child", ["task=8 parent_id=7", "task=8 parent=7", "task=7.1"])
def test_a_named_or_nested_parent_is_the_parent(child: str) -> None:
    log = lines(
        (1, "started task=7"),
        (2, f"started {child}"),
        (3, f"done {child}"),
        (4, "done task=7"),
    )

    assert tree(only_trace(log)) == [
        "file1 consumer process task 3.00 s",
        "file1 consumer └─ process task 1.00 s",
    ]


def test_two_tasks_beside_one_wider_id_are_one_trace_under_it() -> None:
    log = lines(
        (1, "started task=7 correlation_id=c1"),
        (2, "done task=7 correlation_id=c1"),
        (3, "started task=8 correlation_id=c1"),
        (4, "done task=8 correlation_id=c1"),
    )

    assert tree(only_trace(log)) == [
        "file1 internal correlation 3.00 s",
        "file1 consumer ├─ process task 1.00 s",
        "file1 consumer └─ process task 1.00 s",
    ]


def test_ids_that_name_each_other_as_parents_do_no_harm() -> None:
    log = lines((1, "started task=7 parent=8"), (2, "started task=8 parent=7"))

    assert len(only_trace(log).spans) == 2


@pytest.mark.parametrize("step", [1, -1], ids=["inner first", "outer first"])
def test_tasks_in_one_another_without_end_are_several_traces(step: int) -> None:
    numbers = range(3000)[::step]
    log = lines(*((n % 60, f"started task=t{n} parent=t{n + 1}") for n in numbers))

    traces = [trace for trace in traces_of(log) if trace.spans]

    assert sum(len(trace.spans) for trace in traces) == 3000
    assert 1 < max(len(trace.spans) for trace in traces) <= DEEPEST + 1


def test_a_trace_id_in_the_lines_is_the_traces() -> None:
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    log = lines(
        (1, f"started task=7 trace_id={trace_id}"),
        (2, f"done task=7 trace_id={trace_id}"),
    )

    assert {span.trace_id for span in only_trace(log).spans} == {trace_id}


def test_a_span_id_in_a_line_is_the_span_that_it_belongs_to() -> None:
    trace_id, span_id = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
    line = f"2026-11-24T08:00:00Z sold trace_id={trace_id} span_id={span_id}\n"

    (record,) = records_of(line)

    assert (record.trace_id, record.span_id) == (trace_id, span_id)
    assert not traces_of(line)[0].spans


def test_spans_of_our_own_hang_below_the_span_of_their_first_line() -> None:
    context = "traceparent=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    log = lines((1, f"started task=7 {context}"), (2, "done task=7"))

    assert only_trace(log).spans[0].parent_span_id == "b7ad6b7169203331"


def test_one_task_may_be_in_two_files() -> None:
    web = lines((1, "enqueued task=7"), (9, "shutting down"))
    worker = lines((2, "started task=7"), (4, "done task=7"))

    assert tree(only_trace(web, worker)) == [
        "file1 producer task 3.00 s",
        "file1 internal ├─ wait in queue 1.00 s",
        "file2 consumer └─ process task 2.00 s",
    ]


def test_a_worker_whose_clock_is_behind_is_skew_and_no_negative_wait() -> None:
    web = lines((3, "enqueued task=7"))
    worker = lines((2, "started task=7"), (4, "done task=7"))

    trace = only_trace(web, worker)

    assert trace.skew_ns == 10**9
    assert tree(trace) == [
        "file1 producer task 1.00 s",
        "file1 internal ├─ wait in queue 0.00 ms",
        "file2 consumer └─ process task 1.00 s",
    ]


def test_a_line_that_belongs_nowhere_is_kept_alone() -> None:
    (trace,) = traces_of("something happened\n")

    assert (trace.spans, len(trace.records)) == ([], 1)
    assert trace.records[0].trace_id == ""


def test_an_end_without_a_beginning_is_no_span_but_kept() -> None:
    (trace,) = traces_of(lines((1, "task 7 failed")))

    assert (trace.spans, len(trace.records)) == ([], 1)


def test_what_is_open_is_bounded_and_nothing_is_lost() -> None:
    log = lines(*((n / 100, f"started task={n + 1}") for n in range(50)))

    traces = traces_of(log, most_open=5)

    assert sum(len(trace.records) for trace in traces) == 50
    assert [t.title for t in traces[:2]] == ["task 1", "task 2"]
    assert sum(trace.unfinished for trace in traces) == 50


def test_an_operation_of_endless_lines_is_cut_and_none_of_them_lost(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(joiner, "MOST_LINES", 10)
    log = lines(*((n / 100, f"still at it task=7 n={n}") for n in range(35)))

    traces = traces_of(log)

    assert [len(trace.records) for trace in traces] == [11, 11, 11, 2]


def test_ids_of_ones_own_join_lines() -> None:
    log = lines((1, "begin order_id=A7"), (2, "end order_id=A7"))

    assert tree(only_trace(log, ids=["order_id"])) == ["file1 internal order 1.00 s"]


def test_an_id_may_be_found_by_a_pattern() -> None:
    log = lines((1, "parcel A7 is being packed"), (2, "parcel A7 has left"))

    trace = only_trace(log, ids=[r"parcel (?P<parcel>\w+)"])

    assert trace.title == "parcel A7"


def test_words_of_ones_own_are_events() -> None:
    log = lines((1, "task 7 angefangen"), (2, "task 7 gescheitert"))
    words = {Event.STARTED: "angefangen", Event.FAILED: "gescheitert"}

    assert tree(only_trace(log, words=words)) == [
        "file1 consumer process task ✗ 1.00 s task 7 gescheitert"
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ids": ["order (\\d+"]}, "is no regular expression"),
        ({"ids": ["(order) (\\d+)"]}, "needs one group around the id"),
        ({"words": {Event.FAILED: "("}}, "--failed '(' is no regular expression"),
        ({"pattern": "("}, "--pattern is no regular expression"),
        ({"pattern": "(?P<time>.*)"}, "--pattern needs a group named message"),
    ],
)
def test_an_option_that_cannot_be_used_says_why(options: dict, message: str) -> None:
    with pytest.raises(LogReaderError) as error:
        traces_of("x\n", **options)

    assert message in str(error.value)
