"""Lines of one id become the spans of one operation."""

from __future__ import annotations

import pytest

from tests.log_reader.reading import Changes, only_trace, records_of, traces_of, tree
from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.joining import joiner
from tracing_starter_kit.log_reader.joining.durations import duration
from tracing_starter_kit.log_reader.joining.operations import DEEPEST
from tracing_starter_kit.log_reader.joining.vocabulary import Event, Vocabulary
from tracing_starter_kit.log_reader.model import Value
from tracing_starter_kit.viewer.model.namespaces import group_of

UUID = "0b0d2cb3-7a1e-4f7c-9d43-6c4a0b1f2e3d"
JID = "b4a577edbccf1d8b805efb02"


def lines(*pairs: tuple[float, str]) -> str:
    """Return lines with a time each, in seconds after eight o'clock."""
    return "".join(f"2026-11-24T08:00:{at:06.3f}Z {text}\n" for at, text in pairs)


def test_a_start_and_an_end_are_one_span() -> None:
    log = lines((1, "job 15 started"), (3, "job 15 finished"))

    assert tree(only_trace(log)) == ["file1 consumer process job 2.00 s"]


def test_the_first_span_carries_the_id_as_a_business_field() -> None:
    trace = only_trace(lines((1, "job 15 started"), (2, "job 15 finished")))

    assert trace.spans[0].attributes["logs.job.id"] == "15"
    assert group_of("logs.job.id") == "business"


def test_a_start_separates_the_wait_from_the_run() -> None:
    log = lines((1, "queued task=7"), (2, "started task=7"), (4, "done task=7"))

    assert tree(only_trace(log)) == [
        "file1 producer task 3.00 s",
        "file1 internal ├─ wait in queue 1.00 s",
        "file1 consumer └─ process task 2.00 s",
    ]


def test_a_run_without_a_start_includes_its_wait_and_says_so() -> None:
    log = lines((1, "enqueued task=7"), (3, "finished task=7"))

    run = only_trace(log).spans[-1]

    assert run.attributes["log_reader.includes_queue_wait"] is True


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

    assert [trace.has_failed for trace in traces] == [False, True]
    assert len({trace.spans[0].trace_id for trace in traces}) == 2


def test_a_task_without_an_end_is_marked_as_unfinished() -> None:
    trace = only_trace(lines((1, "enqueued task=7"), (2, "started task=7")))

    assert trace.unfinished == 1
    assert trace.spans[0].attributes["log_reader.unfinished"] is True


def test_a_word_about_the_future_is_not_an_event() -> None:
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
        ("waiting to be started", None),
        ("unstarted", None),
        ("failed: timed out waiting for lock", Event.TIMED_OUT),
        ("failed, still waiting for a lock", Event.FAILED),
        ("done, processed: 10, failed: 0", Event.ENDED),
        ("succeeded, errors none, error: None", Event.ENDED),
        ("Task a[1] succeeded in 0.5s: {'failed': True}", Event.ENDED),
        ("Task a[1] succeeded in 0.5s: 'waiting for approval'", Event.ENDED),
        ("queued successfully", Event.QUEUED),
        ("successfully started", Event.STARTED),
        ("successfully completed", Event.ENDED),
        ("Error processing the order", Event.FAILED),
        ("Hard time limit (5s) exceeded for shop.mail", Event.TIMED_OUT),
        ("started\n  File 'x.py', in failed\nKeyError: 'done'", Event.STARTED),
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
        ("done, valid for 24 hours", {}, None),
        ("done, waited for 2 s, took 3 s", {}, 3000),
        ("done", {"request_time": "0.012"}, 12),
        ("done", {"controller": "Orders", "action": "new", "duration": 58.33}, 58.33),
    ],
)
def test_a_duration_is_read_from_text_and_fields(
    message: str, fields: dict[str, Value], milliseconds: float | None
) -> None:
    duration_ns = duration(message, fields, is_end=True)

    assert (None if duration_ns is None else duration_ns / 1e6) == milliseconds


def test_a_time_in_the_future_is_not_a_duration() -> None:
    log = lines(
        (1, "job 3 started"),
        (2, "job 3 cache miss, fresh for 24 hours"),
        (3, "job 3 done"),
    )

    assert tree(only_trace(log)) == ["file1 consumer process job 2.00 s"]


def test_an_exception_where_something_starts_is_its_failure() -> None:
    log = lines((1, "job 9 started"), (2, "ERROR shop: While running job 9:")) + (
        'Traceback (most recent call last):\n  File "a.py", line 1, in done\n'
        "ValueError: no oven\n"
    )

    [span] = only_trace(log).spans
    assert span.has_failed
    assert span.attributes["error.type"] == "ValueError"


def test_a_word_with_a_digit_is_not_an_id() -> None:
    log = lines(
        (1, 'done request="GET /v1/users HTTP/1.1"'),
        (2, "started job=sync-s3"),
        (3, "done job=sync-s3"),
    )

    assert [trace for trace in traces_of(log) if trace.spans] == []


@pytest.mark.parametrize(
    "value", ["72", "7.1", "t7", "o-5031", "#12", "8f3a", "b4a577edbccf1d8b", UUID, JID]
)
def test_an_id_is_distinguished_from_a_name(value: str) -> None:
    log = lines((1, f"started job={value}"), (2, f"done job={value}"))

    assert only_trace(log).title == f"job {value}"


@pytest.mark.parametrize("noun", ["Job ID: ", "job id ", "Request ID: ", "Task #"])
def test_an_id_stands_behind_its_noun(noun: str) -> None:
    log = lines((1, f"started ({noun}3b5f-12)"), (2, f"done ({noun}3b5f-12)"))

    assert only_trace(log).spans[0].end_ns - only_trace(log).spans[0].start_ns == 10**9


@pytest.mark.timeout(20)  # a pattern that tries every combination would take years
@pytest.mark.parametrize(
    "text",
    [
        "job 7 failed " + " ".join(f'k{n}="v{n}"' for n in range(2000)) + " giving up",
        "request body=" + "0a" * 60_000,
        "task " + "1" * 100_000 + "=",
        "job 7 done " + "x1" * 60_000,
    ],
    ids=["pairs", "hexadecimal", "digits", "a word"],
)
def test_a_long_line_is_read_in_one_go(text: str) -> None:
    assert (
        sum(map(len, [t.records for t in traces_of(lines((1, text), (2, text)))])) == 2
    )


@pytest.mark.timeout(20)  # with every line looked up among all others: minutes
def test_a_task_of_very_many_steps_is_one_trace() -> None:
    log = (
        lines((n % 60, "row job=7 duration_ms=5"), (n % 60, "look job=7"))
        for n in range(20_000)
    )

    trace = only_trace("".join(log))

    assert len(trace.spans) == 20_001


def test_a_line_belongs_to_the_attempt_that_was_going_on() -> None:
    log = lines(
        (1, "job 7 started"),
        (2, "job 7 here"),
        (3, "job 7 failed, will be retried"),
        (4, "job 7 between"),
        (5, "job 7 started"),
        (6, "job 7 there"),
        (7, "job 7 done"),
    )

    trace = only_trace(log)

    whole, first, second = (span.span_id for span in trace.spans)
    assert [record.span_id for record in trace.records] == [
        *(first, first, first),
        whole,
        *(second, second, second),
    ]


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


@pytest.mark.parametrize("text", ["0" * 32, "x" * 32, "0af7651916cd43dd"])
def test_a_text_that_is_not_a_trace_id_is_not_the_traces(text: str) -> None:
    log = lines((1, f"started task=7 trace_id={text}"), (2, "done task=7"))

    assert only_trace(log).spans[0].trace_id != text


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


def test_a_worker_whose_clock_is_behind_is_skew_and_not_a_negative_wait() -> None:
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


def test_an_end_without_a_begin_is_not_a_span_but_kept() -> None:
    (trace,) = traces_of(lines((1, "task 7 failed")))

    assert (trace.spans, len(trace.records)) == ([], 1)


def test_the_number_of_open_tasks_is_limited_and_nothing_is_lost() -> None:
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


def test_the_user_s_ids_join_lines() -> None:
    log = lines((1, "begin order_id=A7"), (2, "end order_id=A7"))

    assert tree(only_trace(log, ids=["order_id"])) == ["file1 internal order 1.00 s"]


@pytest.mark.parametrize(
    "context",
    [
        '"ctx": {"class": "MailJob", "jid": "b4a577edbccf1d8b805efb02"}',
        '"mdc": {"requestId": "r-1"}',
        '"contextMap": {"requestId": "r-1"}',
    ],
    ids=["Sidekiq", "logback", "log4j"],
)
def test_an_id_in_the_context_of_a_json_line_is_its_own(context: str) -> None:
    log = "".join(
        f'{{"timestamp": "2026-11-24T08:00:0{at}Z", "message": "{event}", {context}}}\n'
        for at, event in enumerate(["started", "done"])
    )

    (span,) = only_trace(log).spans
    assert span.end_ns - span.start_ns == 10**9
    assert span.name in ("process MailJob", "request")


def test_an_id_may_be_found_by_a_pattern() -> None:
    log = lines((1, "parcel A7 is being packed"), (2, "parcel A7 has left"))

    trace = only_trace(log, ids=[r"parcel (?P<parcel>\w+)"])

    assert trace.title == "parcel A7"


def test_of_the_user_s_words_failed_comes_before_ended() -> None:
    own = {Event.ENDED: "taken out", Event.FAILED: "burnt"}

    assert Vocabulary(own).event("taken out, burnt") is Event.FAILED


def test_the_user_s_words_take_precedence() -> None:
    own = {Event.QUEUED: "(?i)On the waiting list"}

    assert Vocabulary(own).event("on the waiting list") is Event.QUEUED


def test_the_user_s_words_are_events() -> None:
    log = lines((1, "task 7 angefangen"), (2, "task 7 gescheitert"))
    words = {Event.STARTED: "angefangen", Event.FAILED: "gescheitert"}

    assert tree(only_trace(log, words=words)) == [
        "file1 consumer process task ✗ 1.00 s task 7 gescheitert"
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ids": ["order (\\d+"]}, "is not a regular expression"),
        ({"ids": ["(order) (\\d+)"]}, "needs one group around the id"),
        ({"words": {Event.FAILED: "("}}, "--failed '(' is not a regular expression"),
        ({"pattern": "("}, "--pattern is not a regular expression"),
        ({"pattern": "(?P<time>.*)"}, "--pattern needs a group named message"),
    ],
)
def test_an_invalid_option_is_an_error_with_a_reason(
    options: Changes, message: str
) -> None:
    with pytest.raises(LogReaderError) as error:
        traces_of("x\n", **options)

    assert message in str(error.value)
