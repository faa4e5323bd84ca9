"""Log lines that name their trace: as text, as key=value, as JSON."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry import trace

from instrumentation.logs import (
    JsonFormatter,
    KeyValueFormatter,
    TraceContextFilter,
    add_trace_ids,
    log_event,
)
from instrumentation.testing import Spans
from instrumentation.traced import span


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

    order = here.get_span_context()
    ids = f"{trace.format_trace_id(order.trace_id)} {order.span_id:016x}"
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

    order = here.get_span_context()
    assert stream.getvalue().partition(" ")[2] == (
        'INFO shop.orders order placed plan=pro total=9.5 by="Ann \\"B\\"" note="" '
        f"ok=true trace_id={order.trace_id:032x} span_id={order.span_id:016x}\n"
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
    values = {"msg": surrogate, "by": surrogate, "name": surrogate}
    record = logging.makeLogRecord({**values, "n": {surrogate: 1}})
    line = formatter.format(record)

    assert line.encode().count(b"caf?.txt") == 4


@pytest.mark.parametrize("formatter", FORMATTERS, ids=["JSON", "keys and values"])
def test_a_line_takes_a_field_of_any_kind(formatter: logging.Formatter) -> None:
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
def test_a_line_holds_the_stack_of_stack_info(
    handler: logging.Handler, stream: io.StringIO, formatter: logging.Formatter
) -> None:
    handler.setFormatter(formatter)
    logger.info("here", stack_info=True)

    assert "in test_a_line_holds_the_stack_of_stack_info" in stream.getvalue()
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
    ("event", "message"),
    [
        ({"message": "sold", "id": 3}, "sold"),
        ({"event": "sold", "message": "mine", "id": 3}, "sold"),
        ({"id": 3}, "{'id': 3}"),
    ],
)
def test_a_dictionary_for_a_message_is_its_text_and_fields(
    event: dict[str, object], message: str
) -> None:
    line = json.loads(JsonFormatter().format(logging.makeLogRecord({"msg": event})))

    assert (line["message"], line["id"]) == (message, 3)
    assert line.get("message_") == ("mine" if "event" in event else None)


def test_a_field_with_one_of_our_names_stays_beside_ours() -> None:
    values = {"msg": "sold", "level": "gold", "levelname": "INFO", "logger": "mine"}
    line = json.loads(JsonFormatter().format(logging.makeLogRecord(values)))

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
    text = line.partition(" by=")[2]

    is_quoted = text.startswith('"')
    assert (json.loads(text) if is_quoted else text) == value
    assert is_quoted or " " not in text


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
    order = here.get_span_context()
    assert call.args == (
        f"plan='pro' event='sold' trace_id='{order.trace_id:032x}' "
        f"span_id='{order.span_id:016x}'",
    )
