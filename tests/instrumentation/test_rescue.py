"""Rescue: failed traces that were not sampled are sent after all."""

from __future__ import annotations

import os
import threading

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, Decision
from opentelemetry.trace import SpanKind, StatusCode

from instrumentation import rescue as rescue_module
from instrumentation.rescue import RecordUnsampled, Rescue
from tests.instrumentation.any_line import at_every_line
from tests.instrumentation.processes import run
from tests.instrumentation.receiver import Receiver
from tests.instrumentation.sampled_service import (
    COUNT,
    NAMED,
    RescuingService,
    attribute,
    remote,
)


def test_an_error_anywhere_brings_the_whole_trace_of_this_process_back() -> None:
    service = RescuingService(0)
    with service.span("order"):
        with service.span("price"), service.span("SELECT"):
            pass
        with service.span("pay") as pay:
            pay.set_status(StatusCode.ERROR)
        with service.span("apologise"):
            pass

    assert service.names() == ["SELECT", "price", "pay", "apologise", "order"]
    assert [attribute(service.one(n), COUNT) for n in service.names()] == [0.0] * 5
    assert all(s.context.trace_flags.sampled for s in service.spans)


def test_without_an_error_nothing_of_it_leaves() -> None:
    service = RescuingService(0)
    with service.span("order") as order, service.span("price"):
        assert order.is_recording()

    assert service.names() == []


def test_an_attribute_that_fits_late_brings_the_trace_back_too() -> None:
    service = RescuingService(0, [NAMED])
    with service.span("order") as order, service.span("price"):
        order.set_attribute("shop.customer.id", "c-17")

    assert service.names() == ["price", "order"]


def test_two_requests_of_one_trace_are_decided_each_by_itself() -> None:
    service = RescuingService(0)
    caller = remote(sampled=False)
    with (
        service.span("first", caller),
        service.span("fine"),
        service.span("second", caller) as second,
    ):
        second.set_status(StatusCode.ERROR)

    assert service.names() == ["second"]


def test_a_span_that_ends_after_its_entry_span_follows_it() -> None:
    service = RescuingService(0)
    tracer = service.provider.get_tracer("shop")
    for outcome in (StatusCode.OK, StatusCode.ERROR):
        with service.span(f"order {outcome.name}") as order:
            late = tracer.start_span(f"late {outcome.name}")
            order.set_status(outcome)
        below = tracer.start_span("below", trace.set_span_in_context(order))
        assert not below.is_recording()
        late.end()

    assert service.names() == ["order ERROR", "late ERROR"]


def test_a_late_error_is_sent_even_if_the_others_are_gone() -> None:
    service = RescuingService(0)
    with service.span("order"):
        late = service.provider.get_tracer("shop").start_span("late")
    late.set_status(StatusCode.ERROR)
    late.end()

    assert service.names() == ["late"]


def test_memory_is_bounded_and_the_oldest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_module, "_CAPACITY", 10)
    service = RescuingService(0)
    tracer = service.provider.get_tracer("shop")
    rescue = service.rescue
    orders = [tracer.start_span(f"order {number}") for number in range(4)]
    for number, order in enumerate(orders):
        for child in range(5):
            context = trace.set_span_in_context(order)
            tracer.start_span(f"{number}.{child}", context).end()
        assert rescue._held <= 10
    for order in orders:
        order.set_status(StatusCode.ERROR)
        order.end()

    newest = [f"{number}.{child}" for number in (2, 3) for child in range(5)]
    assert [name for name in service.names() if "order" not in name] == newest
    assert rescue._held == len(rescue._open) == len(rescue._holding) == 0


def test_spans_without_an_end_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rescue_module, "_CAPACITY", 10)
    service = RescuingService(0)
    tracer = service.provider.get_tracer("shop")
    spans = [tracer.start_span(f"order {number}", Context()) for number in range(25)]
    rescue = service.rescue
    open_spans = len(rescue._open)
    spans[0].set_status(StatusCode.ERROR)
    spans[0].end()

    assert open_spans == 10
    assert service.names() == ["order 0"]


def test_a_rescued_span_keeps_its_counts_of_dropped_parts() -> None:
    exporter, limits = InMemorySpanExporter(), SpanLimits(max_events=1)
    sampler = RecordUnsampled(ALWAYS_OFF)
    provider = TracerProvider(sampler, span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(Rescue(SimpleSpanProcessor(exporter)))
    span = provider.get_tracer("shop").start_span("order", kind=SpanKind.SERVER)
    span.add_event("one")
    span.add_event("two")
    span.set_status(StatusCode.ERROR)
    span.end()

    [rescued] = exporter.get_finished_spans()
    assert (rescued.dropped_events, rescued.kind) == (1, SpanKind.SERVER)


def test_threads_do_not_mix_their_traces_up() -> None:
    service = RescuingService(0)

    def work(number: int) -> None:
        for turn in range(50):
            with service.span(f"{number} {turn} order", Context()) as order:
                with service.span(f"{number} {turn} price"):
                    pass
                if turn % 5 == 0:
                    order.set_status(StatusCode.ERROR)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = {
        f"{number} {turn} {name}"
        for number in range(8)
        for turn in range(0, 50, 5)
        for name in ("order", "price")
    }
    assert sorted(service.names()) == sorted(expected)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("fails", [True, False])
def test_a_finalizer_may_end_a_span_at_any_time(*, fails: bool) -> None:
    service = RescuingService(0)
    rescue = service.rescue
    times = 0

    def finalizer() -> None:
        nonlocal times
        times += 1
        with service.span("rows", here), service.span("row") as span:
            if fails:
                span.set_status(StatusCode.ERROR)

    with service.span("order") as order:
        here = trace.set_span_in_context(order)
        with at_every_line(rescue_module, finalizer), service.span("price"):
            pass

    names = [*["row", "rows"] * times, "price", "order"]
    assert sorted(service.names()) == (sorted(names) if fails else [])
    assert times > 10
    assert rescue._held == len(rescue._open) == len(rescue._holding) == 0


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_with_nothing_held_and_no_lock_taken() -> None:
    service = RescuingService(0)
    tracer = service.provider.get_tracer("shop")
    order = tracer.start_span("order")
    tracer.start_span("price", trace.set_span_in_context(order)).end()
    rescue = service.rescue
    with rescue._working:
        child = os.fork()
        if child == 0:
            with service.span("in the child", Context()) as span:
                span.set_status(StatusCode.ERROR)
            clean = rescue._held == 0
            os._exit(0 if clean and service.names() == ["in the child"] else 1)
    _, status = os.waitpid(child, 0)
    order.set_status(StatusCode.ERROR)
    order.end()

    assert status == 0
    assert service.names() == ["price", "order"]


def test_with_start_tracing_errors_arrive_from_here_and_from_forked_children() -> None:
    with Receiver() as receiver:
        output = run("sampled", endpoint=receiver.endpoint)

    assert "flushed True" in output
    assert receiver.names() == sorted(
        [
            *("order 3", "price 3", "pay 3"),
            *("order 6", "price 6", "pay 6"),
            *("first", "nightly"),
        ]
    )


def test_any_sampler_can_record_for_rescue_until_the_entry_span_has_ended() -> None:
    sampler = RecordUnsampled(ALWAYS_OFF)
    tracer = TracerProvider(sampler, shutdown_on_exit=False).get_tracer("shop")
    entry = tracer.start_span("order", Context())
    below_entry = trace.set_span_in_context(entry)
    in_time = sampler.should_sample(below_entry, 1, "price")
    entry.end()
    late = sampler.should_sample(below_entry, 1, "price")

    assert entry.is_recording() is False
    assert in_time.decision is Decision.RECORD_ONLY
    assert late.decision is Decision.DROP
