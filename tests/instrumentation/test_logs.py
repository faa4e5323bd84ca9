"""Log lines that name their trace."""

from __future__ import annotations

import inspect
import io
import json
import logging
import logging.handlers
import queue
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)

from instrumentation.logs import (
    JsonFormatter,
    KeyValueFormatter,
    TraceContextFilter,
    _OtlpHandler,
    add_trace_ids,
    log_event,
)
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.instrumentation.processes import REFUSED, python, run
from tests.instrumentation.receiver import Mood, Receiver


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def handler(stream: io.StringIO) -> Iterator[logging.Handler]:
    handler = logging.StreamHandler(stream)
    logging.getLogger("shop").addHandler(handler)
    logging.getLogger("shop").setLevel(logging.INFO)
    yield handler
    logging.getLogger("shop").removeHandler(handler)


logger = logging.getLogger("shop.orders")


def test_a_plain_line_names_its_trace_or_a_dash(
    handler: logging.Handler, stream: io.StringIO, spans: Spans
) -> None:
    handler.addFilter(TraceContextFilter())
    handler.setFormatter(logging.Formatter("%(trace_id)s %(span_id)s %(message)s"))
    logger.info("outside")
    with span("order") as here:
        logger.info("inside")

    found = here.get_span_context()
    ids = f"{trace.format_trace_id(found.trace_id)} {found.span_id:016x}"
    assert stream.getvalue() == f"- - outside\n{ids} inside\n"


@pytest.mark.parametrize("filtered", [True, False])
def test_a_json_line_holds_the_trace_the_extra_fields_and_the_exception(
    handler: logging.Handler, stream: io.StringIO, spans: Spans, *, filtered: bool
) -> None:
    if filtered:
        handler.addFilter(TraceContextFilter())
    handler.setFormatter(JsonFormatter())
    with span("order") as here:
        try:
            raise ValueError("no such plan")
        except ValueError:
            logger.exception("order %d failed", 7, extra={"plan": "größer"})

    line = json.loads(stream.getvalue())
    assert line.pop("timestamp").endswith("+00:00")
    assert line.pop("exception").endswith("ValueError: no such plan")
    assert line == {
        "level": "ERROR",
        "logger": "shop.orders",
        "message": "order 7 failed",
        "plan": "größer",
        "trace_id": f"{here.get_span_context().trace_id:032x}",
        "span_id": f"{here.get_span_context().span_id:016x}",
    }


@pytest.mark.parametrize("filtered", [True, False])
def test_a_json_line_without_a_trace_names_none(
    handler: logging.Handler, stream: io.StringIO, *, filtered: bool
) -> None:
    if filtered:
        handler.addFilter(TraceContextFilter())
    handler.setFormatter(JsonFormatter())
    logger.info("outside", extra={"object": object})

    line = json.loads(stream.getvalue())
    assert set(line) == {"timestamp", "level", "logger", "message", "object"}


def test_a_line_of_keys_and_values_holds_them_apart(
    handler: logging.Handler, stream: io.StringIO, spans: Spans
) -> None:
    handler.setFormatter(KeyValueFormatter())
    with span("order") as here:
        fields = {"plan": "pro", "total": 9.5, "by": 'Ann "B"', "note": "", "ok": True}
        logger.info("order placed", extra=fields)

    found = here.get_span_context()
    assert stream.getvalue().partition(" ")[2] == (
        'INFO shop.orders order placed plan=pro total=9.5 by="Ann \\"B\\"" note="" '
        f"ok=true trace_id={found.trace_id:032x} span_id={found.span_id:016x}\n"
    )


def test_an_exception_stays_on_the_line_of_its_event(
    handler: logging.Handler, stream: io.StringIO
) -> None:
    handler.setFormatter(KeyValueFormatter())
    try:
        raise ValueError("no such plan")
    except ValueError:
        logger.exception("failed")

    [line] = stream.getvalue().splitlines()
    stack = json.loads(line.partition("exception=")[2])
    assert stack.endswith("ValueError: no such plan")


FORMATTERS = [JsonFormatter(), KeyValueFormatter()]


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["JSON", "keys and values"])
def test_a_file_of_utf_8_takes_any_line(formatter: logging.Formatter) -> None:
    surrogate = b"caf\xe9.txt".decode("utf-8", "surrogateescape")
    said = {"msg": surrogate, "by": surrogate, "n": {surrogate: 1}, "name": surrogate}
    line = formatter.format(logging.makeLogRecord(said))

    assert line.encode().count(b"caf?.txt") == 4


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["JSON", "keys and values"])
def test_a_line_keeps_whatever_a_field_is(formatter: logging.Formatter) -> None:
    circle: list[object] = []
    circle.append(circle)
    odd = {"x": {(1, 2): 3}, "y": circle, "z": Unspeakable(), "shop.n": 7}
    line = formatter.format(logging.makeLogRecord({"msg": "sold", **odd}))

    for part in ("sold", "(1, 2)", "[[...]]", "(Unspeakable without text)", "7"):
        assert part in line


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("detached")


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["JSON", "keys and values"])
def test_a_line_holds_the_stack_that_was_asked_for(
    handler: logging.Handler, stream: io.StringIO, formatter: logging.Formatter
) -> None:
    handler.setFormatter(formatter)
    logger.info("here", stack_info=True)

    assert "in test_a_line_holds_the_stack_that_was_asked_for" in stream.getvalue()
    assert stream.getvalue().count("\n") == 1


def test_a_message_cannot_make_a_line_of_its_own() -> None:
    message = "one\n2026-01-01T00:00:00.000+00:00 ERROR shop\r\x85\u2028forged\tx"
    line = KeyValueFormatter().format(logging.makeLogRecord({"msg": message}))

    assert len(line.splitlines()) == 1
    assert line.endswith(
        r"one\n2026-01-01T00:00:00.000+00:00 ERROR shop"
        r"\r\u0085\u2028forged"
        "\tx"
    )


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"message": "sold", "id": 3}, "sold"),
        ({"event": "sold", "message": "mine", "id": 3}, "sold"),
        ({"id": 3}, ""),
    ],
)
def test_a_dictionary_for_a_message_is_its_text_and_fields(
    said: dict[str, object], message: str
) -> None:
    line = json.loads(JsonFormatter().format(logging.makeLogRecord({"msg": said})))

    assert (line["message"], line["id"]) == (message, 3)
    assert line.get("message_") == ("mine" if "event" in said else None)


def test_a_field_that_is_called_as_one_of_ours_is_kept_beside_it() -> None:
    said = {"msg": "sold", "level": "gold", "levelname": "INFO", "logger": "mine"}
    line = json.loads(JsonFormatter().format(logging.makeLogRecord(said)))

    assert (line["level"], line["level_"], line["logger_"]) == ("INFO", "gold", "mine")


OWN = {"trace_id": "0f8fad5b-d9cb-469f-a165-70867728950e"}


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["JSON", "keys and values"])
@pytest.mark.parametrize("filtered", [True, False])
def test_a_trace_id_of_your_own_stands_beside_the_traces(
    handler: logging.Handler,
    stream: io.StringIO,
    spans: Spans,
    formatter: logging.Formatter,
    *,
    filtered: bool,
) -> None:
    if filtered:
        handler.addFilter(TraceContextFilter())
    handler.setFormatter(formatter)
    with span("order") as here:
        logger.info("sold", extra=OWN)

    line = stream.getvalue().replace('": "', "=")
    assert f"trace_id={here.get_span_context().trace_id:032x}" in line
    assert f"trace_id_={OWN['trace_id']}" in line


@given(value=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_one_word_of_the_line(value: str) -> None:
    record = logging.makeLogRecord({"name": "shop", "msg": "sold", "by": value})
    [line] = KeyValueFormatter().format(record).split("\n")
    written = line.partition(" by=")[2]

    quoted = written.startswith('"')
    assert (json.loads(written) if quoted else written) == value
    assert quoted or " " not in written


def test_an_event_of_the_business_is_logged_where_it_happened(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO):
        log_event("order placed", {"shop.plan": "pro", "name": "not logging's own"})

    [record] = caplog.records
    assert (record.name, record.funcName) == (
        __name__,
        "test_an_event_of_the_business_is_logged_where_it_happened",
    )
    assert record.getMessage() == "order placed"
    assert vars(record)["shop.plan"] == "pro"
    assert vars(record)["name_"] == "not logging's own"


def test_structlogs_events_name_their_trace(spans: Spans) -> None:
    capture = structlog.testing.CapturingLogger()
    log = structlog.wrap_logger(
        capture, processors=[add_trace_ids, structlog.processors.KeyValueRenderer()]
    )
    with span("order") as here:
        log.info("sold", plan="pro")

    [call] = capture.calls
    found = here.get_span_context()
    assert call.args == (
        f"plan='pro' event='sold' trace_id='{found.trace_id:032x}' "
        f"span_id='{found.span_id:016x}'",
    )


@pytest.fixture
def sent() -> Iterator[InMemoryLogRecordExporter]:
    """What send_logs()'s handler makes of the lines of "shop"."""
    kept = InMemoryLogRecordExporter()
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(kept))
    handler = _OtlpHandler(provider)
    shop = logging.getLogger("shop")
    shop.addHandler(handler)
    shop.setLevel(logging.DEBUG)
    yield kept
    shop.removeHandler(handler)
    shop.setLevel(logging.NOTSET)


def test_a_line_is_sent_with_its_span_fields_and_place(
    sent: InMemoryLogRecordExporter, spans: Spans
) -> None:
    with span("order") as here:
        logger.warning("order %d", 7, extra={"shop.plan": "pro", "shop.n": 3, "x": [1]})

    [record] = [one.log_record for one in sent.get_finished_logs()]
    attributes = dict(record.attributes or {})
    line = inspect.currentframe().f_lineno - 4  # type: ignore[union-attr]
    assert record.span_id == here.get_span_context().span_id
    assert record.trace_id == here.get_span_context().trace_id
    assert (record.body, record.severity_number.value) == ("order 7", 13)
    assert attributes.pop("code.line.number") == line
    assert attributes == {
        "shop.plan": "pro",
        "shop.n": 3,
        "x": "[1]",
        "code.file.path": "tests/instrumentation/test_logs.py",
        "code.function.name": "test_logs.test_a_line_is_sent_with_its_span_"
        "fields_and_place",
    }


@pytest.mark.parametrize(
    "own",
    [
        OWN,
        {"trace_id": 7, "span_id": object},
        {"trace_id": "f" * 32},
        {"trace_id": "0" * 32, "span_id": "0" * 16},
        {"trace_id": "-", "span_id": "1"},
    ],
)
def test_a_trace_id_of_your_own_is_sent_as_a_field(
    sent: InMemoryLogRecordExporter, spans: Spans, own: dict[str, object]
) -> None:
    with span("order") as here:
        logger.info("sold", extra=own)

    [record] = [one.log_record for one in sent.get_finished_logs()]
    assert record.span_id == here.get_span_context().span_id
    assert record.trace_id == here.get_span_context().trace_id
    assert str((record.attributes or {})["trace_id"]) == str(own["trace_id"])


def test_whatever_a_line_holds_it_can_be_sent(
    sent: InMemoryLogRecordExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What pytest captures, a process of xdist could not send to its master.
    monkeypatch.setattr(logging.getLogger("shop"), "propagate", False)
    surrogate = b"caf\xe9".decode("utf-8", "surrogateescape")
    shop = logging.getLogger(f"shop.{surrogate}")
    try:
        raise OSError(surrogate)
    except OSError:
        fields = {"shop.file": surrogate, surrogate: 2**64, "shop.x": Unspeakable()}
        shop.exception(surrogate, extra=fields, stack_info=True)

    [group] = encode_logs(sent.get_finished_logs()).resource_logs
    [scope] = group.scope_logs
    [record] = scope.log_records
    found = {one.key: one.value.string_value for one in record.attributes}
    assert (scope.scope.name, record.body.string_value) == ("shop.caf?", "caf?")
    assert (found["shop.file"], found["caf?"]) == ("caf?", str(2**64))
    assert found["shop.x"] == "(Unspeakable without text)"
    assert found["exception.message"] == "caf?"
    assert found["exception.stacktrace"].endswith("OSError: caf?\n")
    assert "in test_whatever_a_line_holds_it_can_be_sent" in found["code.stacktrace"]


def test_a_logged_exception_is_sent_as_the_conventions_name_it(
    sent: InMemoryLogRecordExporter,
) -> None:
    try:
        raise ValueError("no such plan")
    except ValueError:
        logger.exception("failed")

    [record] = [one.log_record for one in sent.get_finished_logs()]
    assert record.attributes is not None
    assert record.attributes["exception.type"] == "ValueError"
    assert record.attributes["exception.message"] == "no such plan"
    assert "test_logs.py" in str(record.attributes["exception.stacktrace"])


@pytest.mark.parametrize(
    ("level", "number"),
    [(1, 1), (10, 5), (20, 9), (25, 9), (40, 17), (50, 21), (90, 21)],
)
def test_levels_become_numbers(
    sent: InMemoryLogRecordExporter, level: int, number: int
) -> None:
    logging.getLogger("shop").setLevel(1)
    logger.log(level, "line")

    [record] = [one.log_record for one in sent.get_finished_logs()]
    assert record.severity_number.value == number


def test_a_line_that_went_through_a_queue_keeps_its_span(
    sent: InMemoryLogRecordExporter, spans: Spans
) -> None:
    waiting: queue.Queue[logging.LogRecord] = queue.Queue()
    entrance = logging.handlers.QueueHandler(waiting)
    entrance.addFilter(TraceContextFilter())
    [handler] = logging.getLogger("shop").handlers
    behind = logging.getLogger("behind a queue")
    behind.addHandler(entrance)
    listener = logging.handlers.QueueListener(waiting, handler)
    listener.start()
    with span("order") as here:
        behind.warning("line")
    listener.stop()
    behind.removeHandler(entrance)

    [record] = [one.log_record for one in sent.get_finished_logs()]
    assert record.span_id == here.get_span_context().span_id


def test_structlogs_events_are_sent_through_logging_with_their_fields(
    sent: InMemoryLogRecordExporter,
) -> None:
    log = structlog.wrap_logger(
        logger, processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    )
    log.info("sold", plan="pro")

    [record] = [one.log_record for one in sent.get_finished_logs()]
    assert (record.body, (record.attributes or {})["plan"]) == ("sold", "pro")


def test_a_wrong_line_is_reported_as_logging_does_and_breaks_nothing(
    sent: InMemoryLogRecordExporter, capsys: pytest.CaptureFixture[str]
) -> None:
    [handler] = logging.getLogger("shop").handlers
    wrong = {"name": "shop", "msg": "%d plans", "args": ("no number",)}
    handler.handle(logging.makeLogRecord(wrong))

    assert "--- Logging error ---" in capsys.readouterr().err
    assert sent.get_finished_logs() == ()


@pytest.mark.parametrize("then", ["", "child", "flush"])
def test_lines_arrive_whether_a_process_ends_or_flushes(
    receiver: Receiver, then: str
) -> None:
    output = run("log_lines", "2", *filter(None, [then]), endpoint=receiver.endpoint)

    spans = {span.span_id for span in receiver.spans}
    ids = [a.value.string_value for one in receiver.logs for a in one.attributes]
    assert {one.span_id for one in receiver.logs} == spans
    assert [one for one in ids if one.startswith("o-")] == ["o-0", "o-1"]
    assert ("flush True" in output) is (then == "flush")


@pytest.mark.parametrize("mood", ["refused", "hangs", "unavailable"])
def test_a_dead_collector_holds_up_the_end_no_longer_than_without_logs(
    receiver: Receiver, mood: Mood
) -> None:
    receiver.mood = mood
    endpoint = REFUSED if mood == "refused" else receiver.endpoint
    waits = []
    for _ in range(3):  # a busy machine can only make it later
        output = run("log_lines", "500", endpoint=endpoint)
        waits.append(float(output.partition("waited ")[2].split()[0]))
        if waits[-1] <= 2.5:
            break

    assert min(waits) <= 2.5


def test_lines_come_after_start_tracing() -> None:
    output = python("from instrumentation.logs import *; send_logs()")

    assert "RuntimeError: send_logs() found no tracing: call start_tracing()" in output
