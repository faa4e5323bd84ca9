"""record_error and expected: which exceptions are errors, and who records them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry import context
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import StatusCode

from instrumentation import traced as traced_module
from instrumentation.errors import ExceptionSignal, expected, record_error
from instrumentation.testing import Spans
from instrumentation.traced import span, traced
from tests.instrumentation.attributes import attributes


class LimitError(Exception): ...


class SlottedError(Exception):
    __slots__ = ()


class UnspeakableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("detached")


class DelegatingError(Exception):
    """Looks attributes up in a response, as the errors of HTTP clients do."""

    def __getattr__(self, name: str) -> object:
        response: dict[str, object] = {}
        return response[name]


class FrozenError(Exception):
    def __setattr__(self, name: str, value: object) -> None:
        raise TypeError("immutable")


class FalselyFalseError(Exception):
    def __bool__(self) -> bool:
        raise RuntimeError("neither")


class MirageError(Exception):
    def __getattribute__(self, name: str) -> object:
        raise LookupError(name)


SIGNAL = "OTEL_SEMCONV_EXCEPTION_SIGNAL_OPT_IN"


def stack_of(span: ReadableSpan) -> str:
    """Return the stack trace on a span, which has one event."""
    [event] = span.events
    return str(attributes(event)["exception.stacktrace"])


def test_a_handled_error_is_recorded_on_the_current_span(spans: Spans) -> None:
    with span("order"):
        try:
            raise LimitError("too many")
        except LimitError as error:
            record_error(error)

    order = spans.one("order")
    [event] = order.events
    assert order.status.status_code is StatusCode.ERROR
    assert order.status.description == "too many"
    assert attributes(order)["error.type"] == f"{__name__}.LimitError"
    assert attributes(event)["exception.type"] == f"{__name__}.LimitError"
    assert 'raise LimitError("too many")' in attributes(event)["exception.stacktrace"]
    assert "exception.escaped" not in attributes(event)


def test_recorded_again_on_another_span_it_is_not_repeated(spans: Spans) -> None:
    error = LimitError("too many")
    with span("outer") as outer, span("inner"):
        record_error(error)
        record_error(error, outer)

    assert [len(s.events) for s in (spans.one("inner"), spans.one("outer"))] == [1, 0]
    assert spans.one("outer").status.description == "too many"


def test_any_exception_class_can_be_recorded(spans: Spans) -> None:
    with pytest.raises(SlottedError), span("order"):
        raise SlottedError("tight")

    assert spans.one("order").status.description == "tight"


@pytest.mark.parametrize(
    "kind",
    [DelegatingError, FrozenError, FalselyFalseError, UnspeakableError, SlottedError],
)
def test_an_exception_of_any_class_is_recorded_once(
    spans: Spans, kind: type[Exception]
) -> None:
    def fail() -> None:
        raise kind

    before = context.get_current()
    with pytest.raises(kind), span("outer"), span("inner"):
        fail()

    stack = stack_of(spans.one("inner"))
    error_type = attributes(spans.one("inner"))["error.type"]
    assert error_type == f"{__name__}.{kind.__name__}"
    assert ", in fail\n" in stack
    # Python 3.12 and later add a line if the exception's notes cannot be read.
    assert any(kind.__name__ in line for line in stack.splitlines()[-2:])
    assert spans.one("outer").status.status_code is StatusCode.ERROR
    assert spans.one("outer").events == ()
    assert context.get_current() is before


def test_an_exception_whose_attributes_all_fail_ends_its_span(spans: Spans) -> None:
    before = context.get_current()
    with pytest.raises(MirageError), span("order"):
        raise MirageError

    error_type = attributes(spans.one("order"))["error.type"]
    assert error_type == f"{__name__}.MirageError"
    assert context.get_current() is before


@pytest.mark.parametrize("place", ["a block", "a generator"])
def test_a_span_ends_even_if_the_process_is_interrupted_meanwhile(
    spans: Spans, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    @traced
    def fails() -> Iterator[int]:
        yield 1 // 0

    monkeypatch.setattr(traced_module, "_record_error", interrupted)
    before = context.get_current()
    if place == "a generator":
        with pytest.raises(KeyboardInterrupt):
            next(fails())
    else:
        with pytest.raises(KeyboardInterrupt), span("fails"):
            raise LimitError

    assert [span.name.rpartition(".")[2] for span in spans.find()] == ["fails"]
    assert context.get_current() is before


def test_outside_of_a_span_nothing_happens() -> None:
    error = LimitError()
    record_error(error)

    assert not hasattr(error, "__otel_recorded__")


def test_a_built_in_class_cannot_be_expected() -> None:
    with pytest.raises(TypeError, match="would hide every ValueError: raise a class"):
        expected(ValueError)


def test_an_exception_without_a_message_breaks_nothing(spans: Spans) -> None:
    with pytest.raises(UnspeakableError), span("order"):
        raise UnspeakableError

    order = spans.one("order")
    assert order.status.description == "(no message: its __str__ failed)"
    assert attributes(order)["error.type"] == f"{__name__}.UnspeakableError"


def test_the_same_exception_in_another_trace_is_recorded_there_too(
    spans: Spans,
) -> None:
    error = LimitError("created once, raised often")
    for _ in range(2):
        with pytest.raises(LimitError), span("order"):
            raise error

    assert [len(s.events) for s in spans.find()] == [1, 1]


def ping(level: int) -> None:  # two functions, as Python folds repeated frames
    pong(level - 1)


def pong(level: int) -> None:
    if level < 0:
        raise LimitError("the end")
    ping(level - 1)


def test_a_deep_stack_keeps_its_innermost_frames(spans: Spans) -> None:
    with pytest.raises(LimitError), span("order"):
        ping(400)

    stack = stack_of(spans.one("order"))
    assert stack.count("  File ") == 50
    assert stack.endswith("LimitError: the end\n")


def test_a_deep_cause_keeps_its_innermost_frames(spans: Spans) -> None:
    def begin() -> None:
        try:
            ping(400)
        finally:
            raise KeyError("while it was handled")

    with pytest.raises(KeyError), span("order"):
        begin()

    stack = stack_of(spans.one("order"))
    assert stack.count("  File ") == 52
    assert "LimitError: the end\n" in stack


def test_a_long_message_is_cut(spans: Spans) -> None:
    with pytest.raises(LimitError), span("order"):
        raise LimitError("x" * 100_000)

    assert len(spans.one("order").status.description or "") == 4096
    assert len(stack_of(spans.one("order"))) == 32768


@pytest.fixture
def log_records(
    provider: TracerProvider,
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
) -> InMemoryLogRecordExporter:
    """The records of ExceptionSignal; the parameter is the value of the variable."""
    monkeypatch.setenv(SIGNAL, request.param)
    exporter = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call] # the SDK's
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(exporter))
    provider.add_span_processor(ExceptionSignal(logs))
    return exporter


@pytest.mark.parametrize(
    ("log_records", "events", "records"),
    [("", 1, 0), ("logs/dup", 1, 1), ("logs", 0, 1)],
    indirect=["log_records"],
)
def test_one_switch_moves_exceptions_from_events_to_logs(
    spans: Spans,
    log_records: InMemoryLogRecordExporter,
    events: int,
    records: int,
) -> None:
    with pytest.raises(LimitError), span("outer"), span("inner"):
        raise LimitError("too many")

    inner, outer = spans.one("inner"), spans.one("outer")
    written = [log.log_record for log in log_records.get_finished_logs()]
    assert (len(inner.events), len(outer.events)) == (events, 0)
    assert [log.span_id for log in written] == [inner.context.span_id] * records
    messages = [attributes(log)["exception.message"] for log in written]
    assert messages == ["too many"] * records
    assert inner.status.description == "too many"


@pytest.mark.parametrize("log_records", ["logs"], indirect=True)
def test_the_switch_covers_exceptions_that_others_record(
    provider: TracerProvider, spans: Spans, log_records: InMemoryLogRecordExporter
) -> None:
    tracer = provider.get_tracer("contrib")
    with tracer.start_as_current_span("stock") as stock:
        stock.add_event("cache missed")
        stock.record_exception(LimitError("too many"))

    [record] = log_records.get_finished_logs()
    assert [event.name for event in spans.one("stock").events] == ["cache missed"]
    assert record.log_record.event_name == "exception"
    assert record.log_record.trace_id == spans.one("stock").context.trace_id
    assert set(attributes(record.log_record)) == {
        "exception.type",
        "exception.message",
        "exception.stacktrace",
    }


def test_a_stack_has_your_frames_and_causes_and_none_of_the_helpers(
    spans: Spans,
) -> None:
    @traced
    def charge() -> None:
        try:
            raise KeyError("card")
        except KeyError as error:
            raise LimitError("no card") from error

    @traced
    def order() -> None:
        charge()

    with pytest.raises(LimitError):
        order()

    stack = stack_of(spans.one("charge"))
    assert stack.count("Traceback (most recent call last)") == 2
    assert "direct cause of the following exception" in stack
    assert ", in charge" in stack
    assert "instrumentation/traced.py" not in stack
