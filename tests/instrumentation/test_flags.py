"""Flags on spans, and the evaluations themselves as events or log records."""

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
from tests.instrumentation.any_line import at_every_line
from tests.instrumentation.conventions import convention_names
from tests.instrumentation.processes import python


@pytest.fixture(autouse=True)
def fields(provider: TracerProvider, spans: Spans) -> Iterator[FlagFields]:
    """Have the processor at work, and put back what was there before."""
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


def shown(made: ReadableSpan) -> dict[str, object]:
    """Return the flags of a span."""
    found = dict(made.attributes or {})
    return {
        k[len("kit.flag.") :]: v for k, v in found.items() if k.startswith("kit.flag.")
    }


def evaluations(made: ReadableSpan) -> list[dict[str, object]]:
    assert {event.name for event in made.events} <= {"feature_flag.evaluation"}
    return [dict(event.attributes or {}) for event in made.events]


@pytest.mark.timeout(20)
def test_a_finalizer_may_record_a_flag_at_any_time(spans: Spans) -> None:
    with span("order"):
        with at_every_line(flags, lambda: record_flag("in-passing", variant="on")):
            record_flag("new-checkout", variant="on")
        with span("later"):
            pass

    assert shown(spans.one("order")) == {"in-passing": "on", "new-checkout": "on"}
    assert shown(spans.one("later")) == {"in-passing": "on", "new-checkout": "on"}


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
    found = {made.name: shown(made) for made in spans.find()}
    assert found == {
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
    assert set(event) <= convention_names()


@pytest.mark.parametrize("value", ["private text", 12, 1.5, {"a": 1}, ["b"]])
def test_a_value_is_not_shown_by_itself(spans: Spans, value: object) -> None:
    with span("order"):
        record_flag("price-test", value=value)

    assert shown(spans.one("order")) == {}
    [event] = evaluations(spans.one("order"))
    assert set(event) == {"feature_flag.key", "feature_flag.result.reason"}


def test_a_bool_is_shown_and_so_is_a_value_that_is_allowed(spans: Spans) -> None:
    with span("order"):
        record_flag("new-checkout", value=False)
    FlagFields(variants={"price-test": ["9", "12"], "new-checkout": ["true"]})
    with span("second order"):
        record_flag("price-test", value=12)
        record_flag("new-checkout", value=True)

    assert shown(spans.one("order")) == {"new-checkout": False}
    assert shown(spans.one("second order")) == {"price-test": 12, "new-checkout": True}
    [event, _] = evaluations(spans.one("second order"))
    assert event["feature_flag.result.value"] == 12


def test_what_is_not_listed_is_other_or_not_shown(spans: Spans) -> None:
    FlagFields(variants={"theme": ["dark", "light"]})
    with span("order"):
        record_flag("theme", variant="of Jane Doe")
        record_flag("plan-of-jane", variant="on")

    assert shown(spans.one("order")) == {"theme": "other"}


def test_long_names_are_cut_and_the_number_of_flags_is_bounded(
    spans: Spans,
) -> None:
    with span("order"):
        for number in range(100):
            record_flag(f"flag-{number}", variant="v" * 1000)
        record_flag("flag-1", variant="changed")

    found = shown(spans.one("order"))
    assert len(found) == 32
    assert found.pop("flag-1") == "changed"
    assert set(found.values()) == {"v" * 64}
    assert len(evaluations(spans.one("order"))) == 32


def test_the_same_result_is_one_event_however_often_it_is_asked_for(
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
    assert shown(spans.one("order")) == {"new-checkout": "off"}  # the last


def test_as_log_records_each_evaluation_is_written_also_without_a_span(
    spans: Spans,
) -> None:
    memory = InMemoryLogRecordExporter()
    logs = LoggerProvider(shutdown_on_exit=False)
    logs.add_log_record_processor(SimpleLogRecordProcessor(memory))
    FlagFields(logs=logs)
    record_flag("new-checkout", variant="on")
    with span("order") as order:
        record_flag("new-checkout", variant="on")
        record_flag("new-checkout", variant="on")

    records = [one.log_record for one in memory.get_finished_logs()]
    assert [one.event_name for one in records] == ["feature_flag.evaluation"] * 3
    ids = [one.span_id for one in records]
    assert ids == [0, *[order.get_span_context().span_id] * 2]
    assert evaluations(spans.one("order")) == []
    assert shown(spans.one("order")) == {"new-checkout": "on"}


def test_without_the_processor_the_current_span_has_the_flag() -> None:
    alone, recorded = TracerProvider(shutdown_on_exit=False), Spans()
    alone.add_span_processor(recorded)
    with alone.get_tracer("shop").start_as_current_span("order", Context()):
        record_flag("new-checkout", variant="on")

    assert shown(recorded.one("order")) == {"new-checkout": "on"}


def test_spans_are_not_kept_alive() -> None:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(FlagFields())
    gc.collect()
    before = len(flags._journeys)
    for _ in range(10):
        with provider.get_tracer("shop").start_as_current_span("order"):
            record_flag("new-checkout", variant="on")
    gc.collect()

    assert len(flags._journeys) <= before


def test_openfeature_evaluations_are_recorded(spans: Spans, client: Any) -> None:
    with span("order"), span("check"):
        assert client.get_boolean_value("new-checkout", False) is True  # noqa: FBT003

    assert shown(spans.one("order")) == {"new-checkout": "on"}
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

    assert shown(spans.one("order")) == {"new-checkout": "on"}


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

    assert shown(spans.one("order")) == {}
    assert "12" not in str(evaluations(spans.one("order")))


@pytest.mark.parametrize("named", [True, False])
def test_whom_it_was_chosen_for_is_said_only_if_asked_for(
    spans: Spans, client: Any, *, named: bool
) -> None:
    api.clear_hooks()
    api.add_hooks([FlagHook(context_id=named)])
    with span("order"):
        client.get_integer_value("limit", 1, EvaluationContext("c-18"))
        client.get_boolean_value("new-checkout", False)  # noqa: FBT003

    found = [e.get("feature_flag.context.id") for e in evaluations(spans.one("order"))]
    assert found == (["c-18", "c-17"] if named else [None, None])


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
    names = {name for name in convention_names() if f'"{name}"' in text}

    assert {name for name in names if name.startswith("feature_flag.")} == {
        name for name in convention_names() if name.startswith("feature_flag.")
    }
