"""Flags on spans, and their evaluations as events or log records."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openfeature import api
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from openfeature.flag_evaluation import FlagResolutionDetails, Reason
from openfeature.provider.in_memory_provider import InMemoryFlag, InMemoryProvider
from opentelemetry.context import Context
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import (
    InMemoryLogRecordExporter,
    SimpleLogRecordProcessor,
)
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.trace import StatusCode

from instrumentation import flags
from instrumentation.flags import FlagFields, FlagHook, record_flag
from instrumentation.testing import Spans
from instrumentation.traced import span
from tests.contract.conventions import complaints, conventions
from tests.instrumentation.any_line import at_every_line
from tests.instrumentation.attributes import attributes
from tests.instrumentation.processes import python


@pytest.fixture(autouse=True)
def fields(provider: TracerProvider) -> Iterator[FlagFields]:
    """Use the processor for this test only."""
    before = flags._settings
    fields = FlagFields()
    provider.add_span_processor(fields)
    yield fields
    flags._settings = before


@pytest.fixture
def client() -> Iterator[Any]:
    """Return an OpenFeature client with the hook and two flags."""
    checkout: InMemoryFlag[bool] = InMemoryFlag(
        "on",
        {"on": True, "off": False},
        flag_metadata={"flagSetId": "shop", "version": 7, "contextId": "c-17"},
    )
    limit: InMemoryFlag[int] = InMemoryFlag(
        "high",
        {"high": 12},
        context_evaluator=lambda *_: FlagResolutionDetails(12, reason=Reason.SPLIT),
    )
    api.set_provider(InMemoryProvider({"new-checkout": checkout, "limit": limit}))
    api.add_hooks([FlagHook()])
    yield api.get_client()
    api.clear_hooks()
    api.shutdown()


def flags_of(span: ReadableSpan) -> dict[str, object]:
    """Return the flags of a span, by their names."""
    prefix = "kit.flag."
    return {
        name.removeprefix(prefix): value
        for name, value in attributes(span).items()
        if name.startswith(prefix)
    }


def evaluations(span: ReadableSpan) -> list[dict[str, object]]:
    assert {event.name for event in span.events} <= {"feature_flag.evaluation"}
    return [attributes(event) for event in span.events]


@pytest.mark.timeout(20)
def test_a_finalizer_may_record_a_flag_at_any_time(spans: Spans) -> None:
    with span("order"):
        with at_every_line(flags, lambda: record_flag("in-passing", variant="on")):
            record_flag("new-checkout", variant="on")
        with span("later"):
            pass

    assert flags_of(spans.one("order")) == {"in-passing": "on", "new-checkout": "on"}
    assert flags_of(spans.one("later")) == {"in-passing": "on", "new-checkout": "on"}


def test_a_flag_is_on_the_current_the_entry_and_every_later_span(
    spans: Spans,
) -> None:
    with span("order"):
        with span("before"):
            pass
        with span("check"):
            record_flag("new-checkout", variant="on")
            with span("below"):
                pass
        with span("later"):
            pass
    with span("next order"):
        pass

    on = {"new-checkout": "on"}
    assert {span.name: flags_of(span) for span in spans.find()} == {
        "before": {},
        "below": on,
        "check": on,
        "later": on,
        "order": on,
        "next order": {},
    }


def test_an_evaluation_is_an_event_with_the_names_of_the_convention(
    spans: Spans,
) -> None:
    with span("order"):
        record_flag(
            "new-checkout",
            variant="on",
            value=True,
            reason="TARGETING_MATCH",
            provider="flagd",
            context_id="c-17",
            set_id="shop",
            version="7",
            error="GENERAL",
            error_message="half of it",
        )

    [event] = evaluations(spans.one("order"))
    assert event == {
        "feature_flag.key": "new-checkout",
        "feature_flag.result.variant": "on",
        "feature_flag.result.reason": "targeting_match",
        "feature_flag.provider.name": "flagd",
        "feature_flag.context.id": "c-17",
        "feature_flag.set.id": "shop",
        "feature_flag.version": "7",
        "error.type": "general",
        "feature_flag.error.message": "half of it",
    }
    assert complaints(event) == []


@pytest.mark.parametrize("value", ["private text", 12, 1.5, {"a": 1}, ["b"]])
def test_a_value_without_a_variant_is_not_shown(spans: Spans, value: object) -> None:
    with span("order"):
        record_flag("price-test", value=value)

    assert flags_of(spans.one("order")) == {}
    [event] = evaluations(spans.one("order"))
    assert set(event) == {"feature_flag.key", "feature_flag.result.reason"}


def test_a_bool_is_shown_and_so_is_a_value_that_is_allowed(spans: Spans) -> None:
    with span("order"):
        record_flag("new-checkout", value=False)
    FlagFields(variants={"price-test": ["9", "12"], "new-checkout": ["true"]})
    with span("second order"):
        record_flag("price-test", value=12)
        record_flag("new-checkout", value=True)

    assert flags_of(spans.one("order")) == {"new-checkout": False}
    assert flags_of(spans.one("second order")) == {
        "price-test": 12,
        "new-checkout": True,
    }
    [event, _] = evaluations(spans.one("second order"))
    assert event["feature_flag.result.value"] == 12


def test_an_unlisted_variant_is_other_and_an_unlisted_flag_not_shown(
    spans: Spans,
) -> None:
    FlagFields(variants={"theme": ["dark", "light"]})
    with span("order"):
        record_flag("theme", variant="of Jane Doe")
        record_flag("plan-of-jane", variant="on")

    assert flags_of(spans.one("order")) == {"theme": "other"}


def test_long_names_are_cut_and_the_number_of_flags_is_bounded(
    spans: Spans,
) -> None:
    with span("order"):
        for number in range(100):
            record_flag(f"flag-{number}", variant="v" * 1000)
        record_flag("flag-1", variant="changed")

    flags = flags_of(spans.one("order"))
    assert len(flags) == 32
    assert flags.pop("flag-1") == "changed"
    assert set(flags.values()) == {"v" * 64}
    assert len(evaluations(spans.one("order"))) == 32


def test_the_same_result_is_one_event_however_often_it_is_evaluated(
    spans: Spans,
) -> None:
    with span("order"):
        for _ in range(50):
            record_flag("new-checkout", variant="on")
        with span("price"):
            record_flag("new-checkout", variant="on")
            record_flag("new-checkout", variant="off")

    assert len(evaluations(spans.one("order"))) == 1
    assert len(evaluations(spans.one("price"))) == 1
    assert flags_of(spans.one("order")) == {"new-checkout": "off"}  # the last


def test_as_log_records_each_evaluation_is_written_also_without_a_span(
    spans: Spans,
) -> None:
    memory = InMemoryLogRecordExporter()  # type: ignore[no-untyped-call] # the SDK's
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(memory))
    FlagFields(logs=logs)
    record_flag("new-checkout", variant="on")
    with span("order") as order:
        record_flag("new-checkout", variant="on")
        record_flag("new-checkout", variant="on")

    records = [log.log_record for log in memory.get_finished_logs()]
    assert [log.event_name for log in records] == ["feature_flag.evaluation"] * 3
    ids = [log.span_id for log in records]
    assert ids == [0, *[order.get_span_context().span_id] * 2]
    assert evaluations(spans.one("order")) == []
    assert flags_of(spans.one("order")) == {"new-checkout": "on"}


def test_without_the_processor_the_current_span_has_the_flag(spans: Spans) -> None:
    alone = TracerProvider(shutdown_on_exit=False)
    with alone.get_tracer("shop").start_as_current_span("order", Context()):
        record_flag("new-checkout", variant="on")

    assert flags_of(spans.one("order")) == {"new-checkout": "on"}


def test_spans_are_not_kept_alive(spans: Spans) -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(FlagFields())
    gc.collect()
    before = len(flags._journeys)
    for _ in range(10):
        with provider.get_tracer("shop").start_as_current_span("order"):
            record_flag("new-checkout", variant="on")
    spans.clear()
    gc.collect()

    assert len(flags._journeys) <= before


def test_openfeature_evaluations_are_recorded(spans: Spans, client: Any) -> None:
    with span("order"), span("check"):
        assert client.get_boolean_value("new-checkout", False) is True  # noqa: FBT003

    assert flags_of(spans.one("order")) == {"new-checkout": "on"}
    assert evaluations(spans.one("check")) == [
        {
            "feature_flag.key": "new-checkout",
            "feature_flag.result.variant": "on",
            "feature_flag.result.reason": "static",
            "feature_flag.provider.name": "In-Memory Provider",
            "feature_flag.set.id": "shop",
            "feature_flag.version": "7",
        }
    ]


def test_openfeature_in_a_coroutine_is_recorded_too(spans: Spans, client: Any) -> None:
    async def order() -> None:
        with span("order"):
            await client.get_boolean_value_async("new-checkout", False)  # noqa: FBT003

    asyncio.run(order())

    assert flags_of(spans.one("order")) == {"new-checkout": "on"}


def test_a_failed_evaluation_says_so_and_is_no_error_of_the_span(
    spans: Spans, client: Any
) -> None:
    with span("order"):
        assert client.get_string_value("nowhere", "fallback") == "fallback"

    [event] = evaluations(spans.one("order"))
    assert event["error.type"] == ErrorCode.FLAG_NOT_FOUND.lower()
    assert event["feature_flag.result.reason"] == "error"
    assert "nowhere" in str(event["feature_flag.error.message"])
    assert "feature_flag.result.value" not in event
    assert spans.one("order").status.status_code is StatusCode.UNSET


def test_a_value_without_a_variant_stays_private_with_openfeature(
    spans: Spans, client: Any
) -> None:
    with span("order"):
        assert client.get_integer_value("limit", 1) == 12

    assert flags_of(spans.one("order")) == {}
    assert "12" not in str(evaluations(spans.one("order")))


@pytest.mark.parametrize("is_named", [True, False])
def test_the_targeting_key_is_recorded_only_with_context_id(
    spans: Spans, client: Any, *, is_named: bool
) -> None:
    api.clear_hooks()
    api.add_hooks([FlagHook(context_id=is_named)])
    with span("order"):
        client.get_integer_value("limit", 1, EvaluationContext("c-18"))
        client.get_boolean_value("new-checkout", False)  # noqa: FBT003

    events = evaluations(spans.one("order"))
    keys = [event.get("feature_flag.context.id") for event in events]
    assert keys == (["c-18", "c-17"] if is_named else [None, None])


WITHOUT = (
    "import sys; sys.modules['openfeature.hook'] = None;"
    "from instrumentation.flags import FlagHook, record_flag;"
    "record_flag('a', variant='b'); print('recorded'); FlagHook()"
)


def test_without_openfeature_all_but_the_hook_works() -> None:
    output = python(WITHOUT)

    assert "recorded" in output
    assert "ImportError: FlagHook needs OpenFeature: pip install" in output


def test_every_name_that_the_file_writes_is_a_current_one() -> None:
    text = Path(flags.__file__).read_text()
    current, _ = conventions()
    names = {name for name in current if name.startswith("feature_flag.")}

    assert {name for name in names if f'"{name}"' in text} == names
