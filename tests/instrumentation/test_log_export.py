"""send_logs: lines as OTLP, beside their spans."""

from __future__ import annotations

import inspect
import logging
import logging.handlers
import queue
import re
from collections.abc import Iterator
from typing import Literal

import pytest
import structlog
from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.proto.common._log_encoder import encode_logs
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)

from instrumentation.log_export import _OtlpHandler
from instrumentation.logs import TraceContextFilter
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.instrumentation.processes import REFUSED, python, run
from tests.instrumentation.programs.log_setups import SETUPS
from tests.instrumentation.receiver import Mood, Receiver

logger = logging.getLogger("shop.orders")
OWN = {"trace_id": "0f8fad5b-d9cb-469f-a165-70867728950e"}


@pytest.fixture
def exported() -> Iterator[InMemoryLogRecordExporter]:
    """The records that send_logs()'s handler makes of the lines of "shop"."""
    exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call]
    provider = LoggerProvider(shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    handler = _OtlpHandler(provider)
    shop = logging.getLogger("shop")
    shop.addHandler(handler)
    shop.setLevel(logging.DEBUG)
    yield exporter
    shop.removeHandler(handler)
    shop.setLevel(logging.NOTSET)


def only_record(exporter: InMemoryLogRecordExporter) -> LogRecord:
    [exported] = exporter.get_finished_logs()
    return exported.log_record


class Unspeakable:
    def __str__(self) -> str:
        raise RuntimeError("detached")


def test_a_line_is_sent_with_its_span_fields_and_place(
    exported: InMemoryLogRecordExporter, spans: Spans
) -> None:
    with span("order") as here:
        logger.warning("order %d", 7, extra={"shop.plan": "pro", "shop.n": 3, "x": [1]})

    record = only_record(exported)
    attributes = dict(record.attributes or {})
    line = inspect.currentframe().f_lineno - 4  # type: ignore[union-attr]
    assert record.span_id == here.get_span_context().span_id
    assert record.trace_id == here.get_span_context().trace_id
    assert (record.body, record.severity_number) == ("order 7", SeverityNumber.WARN)
    assert attributes.pop("code.line.number") == line
    assert attributes == {
        "shop.plan": "pro",
        "shop.n": 3,
        "x": "[1]",
        "code.file.path": "tests/instrumentation/test_log_export.py",
        "code.function.name": "test_log_export.test_a_line_is_sent_with_its_span_"
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
    exported: InMemoryLogRecordExporter, spans: Spans, own: dict[str, object]
) -> None:
    with span("order") as here:
        logger.info("sold", extra=own)

    record = only_record(exported)
    assert record.span_id == here.get_span_context().span_id
    assert record.trace_id == here.get_span_context().trace_id
    assert str((record.attributes or {})["trace_id"]) == str(own["trace_id"])


def test_a_line_with_any_values_can_be_sent(
    exported: InMemoryLogRecordExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A process of xdist cannot send a surrogate to its master, if pytest captures it.
    monkeypatch.setattr(logging.getLogger("shop"), "propagate", False)
    surrogate = b"caf\xe9".decode("utf-8", "surrogateescape")
    shop = logging.getLogger(f"shop.{surrogate}")
    try:
        raise OSError(surrogate)
    except OSError:
        fields = {"shop.file": surrogate, surrogate: 2**64, "shop.x": Unspeakable()}
        shop.exception(surrogate, extra=fields, stack_info=True)

    [group] = encode_logs(exported.get_finished_logs()).resource_logs
    [scope] = group.scope_logs
    [record] = scope.log_records
    values = {each.key: each.value.string_value for each in record.attributes}
    assert (scope.scope.name, record.body.string_value) == ("shop.caf?", "caf?")
    assert (values["shop.file"], values["caf?"]) == ("caf?", str(2**64))
    assert values["shop.x"] == "(Unspeakable without text)"
    assert values["exception.message"] == "caf?"
    assert values["exception.stacktrace"].endswith("OSError: caf?\n")
    assert "in test_a_line_with_any_values_can_be_sent" in values["code.stacktrace"]


def test_a_logged_exception_is_sent_as_the_conventions_name_it(
    exported: InMemoryLogRecordExporter,
) -> None:
    try:
        raise ValueError("no such plan")
    except ValueError:
        logger.exception("failed")

    record = only_record(exported)
    assert record.attributes is not None
    assert record.attributes["exception.type"] == "ValueError"
    assert record.attributes["exception.message"] == "no such plan"
    assert "test_log_export.py" in str(record.attributes["exception.stacktrace"])


@pytest.mark.parametrize(
    ("level", "number"),
    [(1, 1), (10, 5), (20, 9), (25, 9), (40, 17), (50, 21), (90, 21)],
)
def test_levels_become_numbers(
    exported: InMemoryLogRecordExporter, level: int, number: int
) -> None:
    logging.getLogger("shop").setLevel(1)
    logger.log(level, "line")

    record = only_record(exported)
    assert record.severity_number == SeverityNumber(number)


def test_a_line_that_went_through_a_queue_keeps_its_span(
    exported: InMemoryLogRecordExporter, spans: Spans
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

    record = only_record(exported)
    assert record.span_id == here.get_span_context().span_id


def test_structlogs_events_are_sent_through_logging_with_their_fields(
    exported: InMemoryLogRecordExporter,
) -> None:
    log = structlog.wrap_logger(
        logger, processors=[structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    )
    log.info("sold", plan="pro")

    record = only_record(exported)
    assert (record.body, (record.attributes or {})["plan"]) == ("sold", "pro")


def test_a_line_with_too_few_arguments_is_sent_with_its_text_and_arguments(
    exported: InMemoryLogRecordExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pytest fails a test whose line it cannot format itself.
    monkeypatch.setattr(logging.getLogger("shop"), "propagate", False)
    logger.error("order %s of %s", 7, extra={"shop.plan": "pro"})

    record = only_record(exported)
    reason = "not enough arguments for format string"
    assert record.body == f"order %s of %s % (7,) ({reason})"
    assert (record.attributes or {})["shop.plan"] == "pro"


@pytest.mark.parametrize("argument", [Unspeakable(), b"caf\xe9"])
def test_a_line_whose_argument_cannot_be_formatted_is_sent(
    exported: InMemoryLogRecordExporter,
    monkeypatch: pytest.MonkeyPatch,
    argument: object,
) -> None:
    monkeypatch.setattr(logging.getLogger("shop"), "propagate", False)
    logger.error("order %d", argument)

    assert str(only_record(exported).body).startswith("order %d % (")


@pytest.mark.parametrize(
    "message", [{"error": None}, {"error": "no card"}, {}, {1: 2}, ["no card"], None]
)
def test_a_message_that_is_not_a_text_is_sent_as_its_text(
    exported: InMemoryLogRecordExporter, message: object
) -> None:
    logger.error(message)

    assert only_record(exported).body == str(message)


@pytest.mark.parametrize("setup", SETUPS)
def test_any_setup_of_logging_prints_the_same_lines_and_sends_them(
    receiver: Receiver, setup: str
) -> None:
    without = run("log_setups", setup, endpoint=receiver.endpoint)
    printed = run("log_setups", setup, "sent", endpoint=receiver.endpoint)

    digits = re.compile("[0-9]+")
    assert "sold 7" in without
    assert digits.sub("n", printed) == digits.sub("n", without)
    [line] = receiver.logs
    assert line.body.string_value == "sold 7"
    assert line.span_id == receiver.spans[-1].span_id


def test_only_the_lines_of_a_logger_and_those_below_it_are_sent() -> None:
    output = python("""
import logging
from instrumentation.log_export import *
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter
trace.set_tracer_provider(provider := TracerProvider())
exporter = InMemoryLogRecordExporter()
send_logs(logging.ERROR, logger="shop", exporter=exporter)
for name in ("shop", "shop.orders", "shopping", ""):
    logging.getLogger(name).warning("not this line")
    logging.getLogger(name).error("from %s", name)
provider.force_flush()
print([each.log_record.body for each in exporter.get_finished_logs()])
""")

    assert "['from shop', 'from shop.orders']" in output


@pytest.mark.parametrize("then", ["", "child", "flush"])
def test_lines_arrive_whether_a_process_ends_or_flushes(
    receiver: Receiver, then: str
) -> None:
    output = run("log_lines", "2", *filter(None, [then]), endpoint=receiver.endpoint)

    spans = {span.span_id for span in receiver.spans}
    texts = [a.value.string_value for log in receiver.logs for a in log.attributes]
    assert {log.span_id for log in receiver.logs} == spans
    assert [text for text in texts if text.startswith("o-")] == ["o-0", "o-1"]
    assert ("flush True" in output) is (then == "flush")


@pytest.mark.parametrize("mood", ["refused", "hangs", "unavailable"])
def test_a_dead_collector_delays_the_end_no_longer_than_without_logs(
    receiver: Receiver, mood: Mood | Literal["refused"]
) -> None:
    if mood == "refused":
        endpoint = REFUSED
    else:
        endpoint, receiver.mood = receiver.endpoint, mood
    waits = []
    for _ in range(3):  # a busy machine can only make it later
        output = run("log_lines", "500", endpoint=endpoint)
        waits.append(float(output.partition("waited ")[2].split()[0]))
        if waits[-1] <= 2.5:
            break

    assert min(waits) <= 2.5


def test_lines_come_after_start_tracing() -> None:
    output = python("from instrumentation.log_export import *; send_logs()")

    assert "RuntimeError: send_logs() found no tracing: call start_tracing()" in output
