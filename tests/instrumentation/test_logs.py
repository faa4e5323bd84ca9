"""Log lines that name their trace."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from opentelemetry import trace

from instrumentation.logs import JsonFormatter, TraceContextFilter
from instrumentation.traced import span
from tests.instrumentation.recorded import Recorded


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
    handler: logging.Handler, stream: io.StringIO, spans: Recorded
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
    handler: logging.Handler, stream: io.StringIO, spans: Recorded, *, filtered: bool
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
