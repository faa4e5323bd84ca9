"""The default formats of common frameworks and servers, recognised by themselves."""

from __future__ import annotations

import pytest

from tests.log_reader import generated
from tests.log_reader.generated import text
from tests.log_reader.reading import only_trace, records_of, traces_of, tree
from tracing_starter_kit.log_reader.model import SERVER

ADA = 1795507200  # 2026-11-24T08:00:00Z
BASIC = "%(levelname)s:%(name)s:%(message)s"
COMMON = {
    "basicConfig's default": BASIC,
    "asctime - name - level": "%(asctime)s - %(name)s - %(levelname)s - %(message)s",
    "asctime level name:": "%(asctime)s %(levelname)s %(name)s: %(message)s",
    "asctime [level] name:": "%(asctime)s [%(levelname)s] %(name)s: %(message)s",
    "asctime:level:name:": "%(asctime)s:%(levelname)s:%(name)s:%(message)s",
    "the cookbook's": "%(asctime)s %(name)-12s %(levelname)-8s %(message)s",
}
LOGS = {
    **{f"Python logging, {k}": generated.python_logging(v) for k, v in COMMON.items()},
    "structlog, console": generated.structlog_console(),
    "structlog (JSON)": generated.structlog_json(),
    "Celery": generated.celery_worker(),
    "gunicorn": generated.gunicorn_error(),
    "access log of gunicorn": generated.gunicorn_access(),
    "loguru": generated.loguru(),
    "loguru (JSON)": generated.loguru_json(),
    "access log of nginx": generated.NGINX_COMBINED,
    "nginx error": generated.NGINX_ERROR,
    "Ruby logger of Rails": generated.RAILS,
    "Rails with tags": generated.RAILS_TAGGED,
    "Sidekiq": generated.SIDEKIQ,
    "log4j / logback, log4j": generated.LOG4J,
    "log4j / logback, logback": generated.LOGBACK,
    "Spring Boot": generated.SPRING_BOOT,
    "Go slog, text": generated.GO_SLOG_TEXT,
    "Go slog (JSON)": generated.GO_SLOG_JSON,
    "Go slog, default": generated.GO_SLOG_DEFAULT,
    "syslog": generated.SYSLOG,
    "journald (JSON)": generated.JOURNAL_JSON,
}


@pytest.mark.parametrize("name", LOGS)
def test_a_log_is_recognised_to_its_last_line(name: str) -> None:
    records = records_of(text(LOGS[name]))

    formats = {record.format for record in records}
    assert len(formats) == 1
    assert name.startswith(formats.pop())
    assert sum(record.lines for record in records) == len(LOGS[name])


@pytest.mark.parametrize("name", [n for n in LOGS if "basicConfig" not in n])
def test_its_first_line_has_a_time_of_its_own(name: str) -> None:
    assert records_of(text(LOGS[name]))[0].has_own_time


@pytest.mark.parametrize("name", [n for n in LOGS if "access" not in n])
def test_its_message_is_the_text_alone(name: str) -> None:
    message = records_of(text(LOGS[name]))[0].message

    begins = ("started", "job started", "Task shop", "Booting", "connect()", "Started")
    assert message.startswith((*begins, "start"))


LEVELS = {n: 9 for n in LOGS if "access" not in n and "tags" not in n}
LEVELS |= {"nginx error": 17}


@pytest.mark.parametrize("name", [n for n in LEVELS if n != "syslog"])
def test_its_level_is_a_severity(name: str) -> None:
    assert records_of(text(LOGS[name]))[0].severity == LEVELS[name]


@pytest.mark.parametrize("name", [n for n in LOGS if len(LOGS[n]) > 1])
def test_its_lines_make_a_trace(name: str) -> None:
    traces = [t for t in traces_of(text(LOGS[name])) if t.spans]

    assert len(traces) == (2 if "nginx" in name else 1)


def test_the_journals_export_is_read_in_blocks() -> None:
    records = records_of(generated.JOURNAL_EXPORT)

    assert [record.message for record in records] == [
        "started task=72",
        "failed task=72\n\nno room",
    ]
    assert [record.severity for record in records] == [9, 17]
    assert {(r.format, r.service) for r in records} == {("journald (export)", "shop")}
    assert tree(only_trace(generated.JOURNAL_EXPORT)) == [
        "shop consumer process task ✗ 500 ms failed"
    ]


def test_formats_may_be_mixed_line_by_line() -> None:
    lines = [line for log in LOGS.values() for line in log[:1]]

    formats = [record.format for record in records_of(text(lines))]

    assert all(name.startswith(f) for name, f in zip(LOGS, formats, strict=True))


def test_a_celery_task_waits_and_runs() -> None:
    head = "[2026-11-24 08:00:0{}: INFO/MainProcess] Task shop.bill[{}] {}"
    uuid = generated.UUID
    lines = [
        head.format("1,000", uuid, "received"),
        head.format("1,700", uuid, "succeeded in 0.65s: 42"),
    ]

    assert tree(only_trace(text(lines))) == [
        "file1 internal shop.bill 700 ms",
        "file1 internal ├─ wait in queue 50 ms",
        "file1 consumer └─ process shop.bill 650 ms",
    ]


def test_a_request_of_rails_is_named_by_its_route() -> None:
    trace = only_trace(text(generated.RAILS))

    assert (trace.spans[0].name, trace.spans[0].kind) == ("GET /orders/{id}", SERVER)
    assert trace.spans[0].end_ns - trace.spans[0].start_ns == 50_000_000


def test_a_request_that_rails_answers_with_500_failed() -> None:
    trace = only_trace(text(generated.RAILS_TAGGED))

    assert trace.has_failed
    assert trace.spans[0].end_ns - trace.spans[0].start_ns == 12_000_000


def test_a_line_of_an_access_log_is_a_request() -> None:
    line = text(generated.NGINX_COMBINED[1:])

    (span,) = only_trace(line.replace('8.5.0"', '8.5.0" 0.250')).spans

    assert (span.name, span.kind, span.has_failed) == ("POST /orders", SERVER, True)
    assert span.end_ns - span.start_ns == 250_000_000
    assert span.attributes["http.response.status_code"] == 502
    assert span.attributes["client.address"] == "2001:db8::1"


def test_a_request_without_a_duration_is_marked() -> None:
    (span,) = only_trace(text(generated.NGINX_COMBINED[:1])).spans

    assert span.start_ns == span.end_ns
    assert span.attributes["log_reader.duration_unknown"] is True


def test_a_traceback_belongs_to_its_record() -> None:
    *_, record = records_of(text(generated.python_logging(COMMON["the cookbook's"])))

    assert record.fields["exception.type"] == "ValueError"
    assert record.fields["exception.message"] == "no such card"
    assert "line" in str(record.fields["exception.stacktrace"])


def test_a_stack_trace_of_java_belongs_to_its_record() -> None:
    trace = only_trace(text(generated.LOG4J))

    assert [record.lines for record in trace.records] == [1, 6]
    assert trace.spans[0].attributes["error.type"] == "java.lang.IllegalStateException"


def test_a_time_inside_a_line_is_its_time_but_not_inside_a_traceback() -> None:
    log = (
        "update-alternatives 2026-11-24 08:00:00: link changed\n"
        "Traceback (most recent call last):\n"
        "ValueError: not after 2026-11-24 09:00:00\n"
    )

    (record,) = records_of(log)

    assert (record.time_ns, record.lines) == (1795507200 * 10**9, 3)
    assert record.format == "text with a time in it"


def test_json_behind_a_time_is_read_too() -> None:
    (record,) = records_of('2026-11-24T08:00:00Z {"msg": "sold", "plan": "pro"}\n')

    assert (record.message, record.fields["plan"]) == ("sold", "pro")
    assert record.time_ns == 1795507200 * 10**9


@pytest.mark.parametrize(
    "time",
    [
        '"instant":{"epochSecond":1795507200,"nanoOfSecond":123000000}',
        '"timeMillis":1795507200123',
        '"time_iso8601":"2026-11-24T09:00:00.123+01:00"',
        '"time_local":"24/Nov/2026:08:00:00 +0000"',
        '"ts":"1795507200.123"',
        '"t":{"$date":"2026-11-24T08:00:00.123Z"}',
    ],
)
def test_json_has_its_time_under_many_names(time: str) -> None:
    (record,) = records_of(f'{{{time},"message":"sold"}}\n')

    millis = 0 if "local" in time else 123
    assert (record.has_own_time, record.time_ns // 10**6) == (True, ADA * 1000 + millis)
    assert record.fields == {}


def test_an_invalid_instant_is_not_a_time() -> None:
    records = records_of(
        '{"instant":{"epochSecond":"x"}}\n{"instant":{"epochSecond":9e300}}\n'
        '{"instant":{"epochSecond":99999999999,"nanoOfSecond":0}}\n'
    )

    assert [record.has_own_time for record in records] == [False] * 3


@pytest.mark.parametrize(
    ("line", "logger", "message"),
    [
        ("INFO shop.cart: sold", "shop.cart", "sold"),
        ("INFO root: x", "root", "x"),
        ("INFO __main__: x", "__main__", "x"),
        ("[INFO] com.acme.Shop: sold", "com.acme.Shop", "sold"),
        ("INFO:shop.cart:sold", "shop.cart", "sold"),
        ("INFO Started: job_id=7", None, "Started: job_id=7"),
        ("ERROR Failed: connection refused", None, "Failed: connection refused"),
        ("ERROR error: no card", None, "error: no card"),
        ("ERROR ValueError: no card", None, "ValueError: no card"),
        ("INFO task: 7 started", None, "task: 7 started"),
        ("ERROR: http://shop is down", None, "http://shop is down"),
        ("ERROR: db.shop:5432 is down", None, "db.shop:5432 is down"),
    ],
)
def test_a_word_before_a_colon_is_a_logger_only_if_it_looks_like_one(
    line: str, logger: str | None, message: str
) -> None:
    (record,) = records_of(f"2026-11-24 08:00:00,000 {line}\n")

    assert (record.fields.get("logger"), record.message) == (logger, message)
    assert record.severity > 0


def test_a_message_that_failed_before_a_colon_fails_its_job() -> None:
    log = (
        "2026-11-24 08:00:00,000 INFO Started: job_id=7\n"
        "2026-11-24 08:00:01,000 ERROR Failed: connection refused job_id=7\n"
    )

    trace = only_trace(log)

    assert trace.has_failed
    assert trace.spans[0].end_ns - trace.spans[0].start_ns == 10**9


@pytest.mark.parametrize(
    ("line", "level", "message"),
    [
        ("Error processing job 7: refused", "Error", "Error processing job 7: refused"),
        ("warning about job 7: slow", "warning", "warning about job 7: slow"),
        ("Error connecting: refused", "Error", "Error connecting: refused"),
        ("ERROR processing job 7", "ERROR", "processing job 7"),
        ("Error: refused", "Error", "refused"),
        ("error - refused", "error", "refused"),
        ("error   refused", "error", "refused"),
        ("info started job 7", "info", "started job 7"),
        ("[error] refused", "error", "refused"),
    ],
)
def test_a_level_that_is_a_word_of_the_sentence_stays_in_it(
    line: str, level: str, message: str
) -> None:
    for time in ("2026-11-24 08:00:05", "[2026-11-24 08:00:05]:"):
        (record,) = records_of(f"{time} {line}\n")
        assert (record.level, record.message) == (level, message)
        assert record.time_ns == (ADA + 5) * 10**9


@pytest.mark.parametrize(
    ("behind", "nanoseconds"),
    [
        (' "-" 0.250', 250_000_000),
        (' "203.0.113.9, 10.0.0.1" 0.250 0.249 .', 250_000_000),
        (" 512 0.250 [shop-80] [] 10.0.0.1:80 27 0.249 200 a7", 250_000_000),
        (' "-" 250', 250_000),
        (' "0.5" -', None),
    ],
)
def test_a_duration_may_stand_behind_further_values(
    behind: str, nanoseconds: int | None
) -> None:
    (span,) = only_trace(generated.NGINX_COMBINED[1] + behind + "\n").spans

    assert span.end_ns - span.start_ns == (nanoseconds or 0)
    assert ("log_reader.duration_unknown" in span.attributes) is (nanoseconds is None)


def test_an_access_log_may_begin_with_the_host_that_was_asked() -> None:
    log = text([f"shop.example.com:443 {line}" for line in generated.NGINX_COMBINED])

    trace, _ = traces_of(log)

    fields = trace.spans[0].attributes
    server = (fields["server.address"], fields["server.port"])
    assert server == ("shop.example.com", 443)
    assert (fields["client.address"], fields["user.name"]) == ("203.0.113.7", "ada")


SPRING = (
    "2026-11-24T08:00:00.123Z  INFO 7 --- {}c.acme.Shop : started request_id=r-17\n"
)
CONTEXT = "[0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331] "


@pytest.mark.parametrize("application", ["", "[shop] "])
@pytest.mark.parametrize("context", ["", "[" + " " * 49 + "] ", CONTEXT])
def test_spring_boot_has_an_application_and_a_context_where_there_are_any(
    application: str, context: str
) -> None:
    line = SPRING.format(f"{application}[nio-8080-exec-1] {context}")

    (record,) = records_of(line)

    assert (record.format, record.fields["logger"]) == ("Spring Boot", "c.acme.Shop")
    assert record.fields["thread.name"] == "nio-8080-exec-1"
    assert record.message == "started request_id=r-17"
    assert ("trace_id" in record.fields) is (context == CONTEXT)


def test_spring_boots_line_belongs_to_the_span_that_it_names() -> None:
    (trace,) = traces_of(SPRING.format(f"[shop] [main] {CONTEXT.upper()}"))

    assert {(r.trace_id, r.span_id) for r in trace.records} == {
        ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331")
    }


def test_lines_that_begin_with_a_padded_level_are_lines_of_their_own() -> None:
    log = (
        " INFO 2026-11-24 08:00:00,000 [main] com.acme.Shop - started task=7\n"
        "ERROR 2026-11-24 08:00:01,000 [main] com.acme.Shop - failed task=7\n"
        "java.io.IOException: closed\n"
        "\tat com.acme.Shop.sell(Shop.java:42)\n"
        " WARN 2026-11-24 08:00:02,000 no stock\n"
    )

    records = records_of(log)

    assert [(r.lines, r.level, r.message.partition("\n")[0]) for r in records] == [
        (1, "INFO", "started task=7"),
        (3, "ERROR", "failed task=7"),
        (1, "WARN", "no stock"),
    ]
    assert [r.time_ns // 10**9 - ADA for r in records] == [0, 1, 2]


@pytest.mark.parametrize(
    "line", ["ERROR 2026-11-24 08:00:00 x", "[ERROR] 2026-11-24T08:00:00Z - x"]
)
def test_a_level_may_stand_before_the_time(line: str) -> None:
    (record,) = records_of(line)

    assert (record.severity, record.message, record.has_own_time) == (17, "x", True)
