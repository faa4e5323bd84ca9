"""What is kept: by rule, by ratio, and because of an error; and what it stands for."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import baggage, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, TracerProvider
from opentelemetry.sdk.trace._sampling_experimental import (
    composable_parent_threshold,
    composable_traceid_ratio_based,
    composite_sampler,
)
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    StatusCode,
    TraceFlags,
    TraceState,
)
from opentelemetry.trace.propagation.tracecontext import (
    TraceContextTextMapPropagator,
)

from instrumentation import sampling
from instrumentation.sampling import Rule, RuleSampler
from tests.instrumentation.any_line import at_every_line
from tests.instrumentation.processes import run
from tests.instrumentation.receiver import Receiver

HEALTH = Rule("health", 0, {"url.path": ["/health", "/ready"]})
NAMED = Rule("named", 1, {"shop.customer.id": ["c-17", "c-18"]})
COUNT = "kit.sampling.adjusted_count"


class SeededIds(RandomIdGenerator):
    """The same ids in every run."""

    def __init__(self, seed: int = 1) -> None:
        self._random = random.Random(seed)

    def generate_trace_id(self) -> int:
        return self._random.getrandbits(128)


class Service:
    """A provider with a sampler, and what leaves it."""

    def __init__(self, sampler: Sampler, *, rescue: bool = False) -> None:
        self.sent = InMemorySpanExporter()
        self.provider = TracerProvider(
            sampler, id_generator=SeededIds(), shutdown_on_exit=False
        )
        exporting = SimpleSpanProcessor(self.sent)
        if rescue:
            assert isinstance(sampler, RuleSampler)
            self.provider.add_span_processor(sampler.rescue(exporting))
        else:
            self.provider.add_span_processor(exporting)
        self.span = self.provider.get_tracer("shop").start_as_current_span

    def names(self) -> list[str]:
        return [span.name for span in self.sent.get_finished_spans()]

    def one(self, name: str) -> ReadableSpan:
        [found] = [s for s in self.sent.get_finished_spans() if s.name == name]
        return found


def remote(
    state: str = "", *, sampled: bool = True, trace_id: int = 2**56 - 1
) -> Context:
    """Return what came in from another service."""
    flags = TraceFlags(1 if sampled else 0)
    entries = TraceState([("ot", state)] if state else [])
    caller = SpanContext(
        trace_id, 5, is_remote=True, trace_flags=flags, trace_state=entries
    )
    return trace.set_span_in_context(NonRecordingSpan(caller), Context())


def attribute(span: ReadableSpan, name: str) -> object:
    return (span.attributes or {}).get(name)


def test_all_is_kept_with_ratio_one_and_stands_for_itself() -> None:
    service = Service(RuleSampler(1))
    with service.span("order"), service.span("price"):
        pass

    assert service.names() == ["price", "order"]
    assert [attribute(service.one(n), COUNT) for n in service.names()] == [1.0, 1.0]
    assert service.one("price").context.trace_state.to_header() == "ot=th:0"


def test_a_drawn_span_says_how_probable_it_was_and_how_many_it_stands_for() -> None:
    service = Service(RuleSampler(0.25))
    for _ in range(40):
        with service.span("order"), service.span("price"):
            pass
    [order, *_] = [s for s in service.sent.get_finished_spans() if s.name == "order"]
    [price, *_] = [s for s in service.sent.get_finished_spans() if s.name == "price"]

    assert 0 < len(service.names()) < 80
    assert order.context.trace_state.to_header() == "ot=th:c"
    assert order.context.trace_flags.random_trace_id
    assert attribute(order, "kit.sampling.probability") == 0.25
    assert attribute(order, "kit.sampling.rule") == "else"
    assert attribute(order, COUNT) == attribute(price, COUNT) == 4.0
    assert attribute(price, "kit.sampling.rule") is None


@settings(deadline=None)
@given(st.floats(0, 1), st.integers(1, 2**128 - 1))
def test_the_draw_is_that_of_the_sdks_consistent_sampler(
    ratio: float, trace_id: int
) -> None:
    stock = composite_sampler(composable_traceid_ratio_based(ratio))
    theirs = stock.should_sample(Context(), trace_id, "order")
    ours = RuleSampler(ratio).should_sample(Context(), trace_id, "order")

    assert ours.decision is theirs.decision
    if ours.decision.is_sampled():
        assert ours.trace_state == theirs.trace_state


def test_stock_the_sdks_own_sampler_forgets_the_callers_threshold() -> None:
    """In 1.45 a tracer does not tell the sampler the trace state that came in."""
    stock = composite_sampler(
        composable_parent_threshold(composable_traceid_ratio_based(1))
    )
    service, ours = Service(stock), Service(RuleSampler(1))
    for one in (service, ours):
        with one.span("order", remote("th:c")):
            pass

    assert service.one("order").context.trace_state.to_header() == ""
    assert ours.one("order").context.trace_state.to_header() == "ot=th:c"
    assert attribute(ours.one("order"), COUNT) == 4.0


def test_the_caller_is_respected_whatever_the_ratio_is() -> None:
    service, nothing = Service(RuleSampler(1)), Service(RuleSampler(0))
    with service.span("order", remote(sampled=False)), service.span("price"):
        pass
    with nothing.span("order", remote("th:8")), nothing.span("price"):
        pass

    assert service.names() == []
    assert nothing.names() == ["price", "order"]
    assert attribute(nothing.one("price"), COUNT) == 2.0
    assert attribute(nothing.one("order"), "kit.sampling.rule") == "parent"


def test_a_caller_that_does_not_say_how_it_drew_gives_spans_without_a_count() -> None:
    service = Service(RuleSampler(0.5))
    with service.span("order", remote()), service.span("price"):
        pass

    assert [attribute(service.one(n), COUNT) for n in service.names()] == [None] * 2


@pytest.mark.parametrize("state", ["th:f", "rv:10000000000000;th:2", "th:zz", "th:"])
def test_a_threshold_that_cannot_be_true_is_erased(state: str) -> None:
    service = Service(RuleSampler(1))
    with service.span("order", remote(state, trace_id=0xE << 52)):
        pass

    assert attribute(service.one("order"), COUNT) is None
    assert "th:f" not in service.one("order").context.trace_state.to_header()


def test_what_else_is_in_the_trace_state_stays() -> None:
    state = TraceState([("vendor", "1"), ("ot", f"x:1;rv:{'1' * 14}")])
    caller = SpanContext(1, 5, is_remote=True, trace_state=state)
    context = trace.set_span_in_context(NonRecordingSpan(caller), Context())
    service = Service(RuleSampler(0, [NAMED]))
    with service.span("order", context, attributes={"shop.customer.id": "c-17"}):
        pass

    state = service.one("order").context.trace_state
    assert dict(state) == {"ot": f"th:0;x:1;rv:{'1' * 14}", "vendor": "1"}


@pytest.mark.parametrize("path", ["/health", "/ready"])
@pytest.mark.parametrize("rescue", [True, False])
def test_health_checks_are_never_kept_not_even_with_an_error(
    path: str, *, rescue: bool
) -> None:
    service = Service(RuleSampler(1, [HEALTH, NAMED]), rescue=rescue)
    with service.span("GET", attributes={"url.path": path}) as check:
        check.set_status(StatusCode.ERROR)
        with service.span("ping database") as ping:
            ping.set_status(StatusCode.ERROR)

    assert not check.is_recording()
    assert service.names() == []


def test_named_customers_are_kept_by_attribute_and_by_baggage() -> None:
    service = Service(RuleSampler(0, [HEALTH, NAMED]))
    came_in = baggage.set_baggage("shop.customer.id", "c-18", remote(sampled=False))
    for name, context, attributes in (
        ("first", Context(), {"shop.customer.id": "c-17"}),
        ("second", came_in, {}),
        ("third", Context(), {"shop.customer.id": "c-171"}),
    ):
        with service.span(name, context, attributes=attributes):
            pass

    assert service.names() == ["first", "second"]
    assert attribute(service.one("second"), "kit.sampling.rule") == "named"
    assert attribute(service.one("second"), COUNT) == 1.0


def test_a_rule_can_ask_for_the_spans_name_and_for_several_attributes() -> None:
    rule = Rule("exports", 1, {"name": "GET", "url.path": "/exports/*"})
    service = Service(RuleSampler(0, [rule]))
    for name, path in (("GET", "/exports/1"), ("POST", "/exports/1"), ("GET", "/")):
        with service.span(name, attributes={"url.path": path}):
            pass

    assert service.names() == ["GET"]


@pytest.mark.parametrize("ratio", [-0.1, 1.1, float("nan")])
def test_a_ratio_that_is_none_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="not from 0"):
        RuleSampler(ratio)
    with pytest.raises(ValueError, match="Rule 'odd': ratio="):
        Rule("odd", ratio, {"url.path": "/"})


def test_a_rule_without_a_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="Rule 'all' has no condition"):
        Rule("all", 1, {})


def test_an_error_anywhere_brings_the_whole_trace_of_this_process_back() -> None:
    service = Service(RuleSampler(0), rescue=True)
    with service.span("order"):
        with service.span("price"), service.span("SELECT"):
            pass
        with service.span("pay") as pay:
            pay.set_status(StatusCode.ERROR)
        with service.span("apologise"):
            pass

    assert service.names() == ["SELECT", "price", "pay", "apologise", "order"]
    assert [attribute(service.one(n), COUNT) for n in service.names()] == [0.0] * 5
    assert all(s.context.trace_flags.sampled for s in service.sent.get_finished_spans())


def test_without_an_error_nothing_of_it_leaves() -> None:
    service = Service(RuleSampler(0), rescue=True)
    with service.span("order") as order, service.span("price"):
        assert order.is_recording()

    assert service.names() == []


def test_a_customer_who_is_known_late_brings_the_trace_back_too() -> None:
    service = Service(RuleSampler(0, [NAMED]), rescue=True)
    with service.span("order") as order, service.span("price"):
        order.set_attribute("shop.customer.id", "c-17")

    assert service.names() == ["price", "order"]


def test_two_requests_of_one_trace_are_decided_each_by_itself() -> None:
    service = Service(RuleSampler(0), rescue=True)
    caller = remote(sampled=False)
    with (
        service.span("first", caller),
        service.span("fine"),
        service.span("second", caller) as second,
    ):
        second.set_status(StatusCode.ERROR)

    assert service.names() == ["second"]


def test_what_ends_after_its_entry_span_follows_it() -> None:
    service = Service(RuleSampler(0), rescue=True)
    tracer = service.provider.get_tracer("shop")
    for outcome in (StatusCode.OK, StatusCode.ERROR):
        with service.span(f"order {outcome.name}") as order:
            late = tracer.start_span(f"late {outcome.name}")
            order.set_status(outcome)
        below = tracer.start_span("below", trace.set_span_in_context(order))
        assert not below.is_recording()
        late.end()

    assert service.names() == ["order ERROR", "late ERROR"]


def test_a_late_error_is_sent_even_if_the_rest_is_gone() -> None:
    service = Service(RuleSampler(0), rescue=True)
    with service.span("order"):
        late = service.provider.get_tracer("shop").start_span("late")
    late.set_status(StatusCode.ERROR)
    late.end()

    assert service.names() == ["late"]


def test_memory_is_bounded_and_the_oldest_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "_HELD", 10)
    service = Service(RuleSampler(0), rescue=True)
    tracer = service.provider.get_tracer("shop")
    [rescue] = service.provider._active_span_processor._span_processors
    orders = [tracer.start_span(f"order {number}") for number in range(4)]
    for number, order in enumerate(orders):
        for child in range(5):
            context = trace.set_span_in_context(order)
            tracer.start_span(f"{number}.{child}", context).end()
        assert rescue._held <= 10  # type: ignore[attr-defined]
    for order in orders:
        order.set_status(StatusCode.ERROR)
        order.end()

    kept = [f"{number}.{child}" for number in (2, 3) for child in range(5)]
    assert [name for name in service.names() if "order" not in name] == kept
    assert rescue._held == len(rescue._open) == len(rescue._holding) == 0  # type: ignore[attr-defined]


def test_spans_that_nobody_ends_do_not_fill_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "_HELD", 10)
    service = Service(RuleSampler(0), rescue=True)
    tracer = service.provider.get_tracer("shop")
    spans = [tracer.start_span(f"order {number}", Context()) for number in range(25)]
    [rescue] = service.provider._active_span_processor._span_processors
    open_spans = len(rescue._open)  # type: ignore[attr-defined]
    spans[0].set_status(StatusCode.ERROR)
    spans[0].end()

    assert open_spans == 10
    assert service.names() == ["order 0"]


def test_what_a_rescued_span_had_dropped_stays_counted() -> None:
    sampler, sent = RuleSampler(0), InMemorySpanExporter()
    limits = SpanLimits(max_events=1)
    provider = TracerProvider(sampler, span_limits=limits, shutdown_on_exit=False)
    provider.add_span_processor(sampler.rescue(SimpleSpanProcessor(sent)))
    span = provider.get_tracer("shop").start_span("order", kind=SpanKind.SERVER)
    span.add_event("one")
    span.add_event("two")
    span.set_status(StatusCode.ERROR)
    span.end()

    [left] = sent.get_finished_spans()
    assert (left.dropped_events, left.kind) == (1, SpanKind.SERVER)


def test_threads_do_not_mix_their_traces_up() -> None:
    service = Service(RuleSampler(0), rescue=True)

    def work(number: int) -> None:
        for turn in range(50):
            with service.span(f"{number} {turn} order", Context()) as order:
                with service.span(f"{number} {turn} price"):
                    pass
                if turn % 5 == 0:
                    order.set_status(StatusCode.ERROR)

    threads = [threading.Thread(target=work, args=(one,)) for one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    expected = {
        f"{number} {turn} {what}"
        for number in range(8)
        for turn in range(0, 50, 5)
        for what in ("order", "price")
    }
    assert sorted(service.names()) == sorted(expected)


@pytest.mark.timeout(20)
@pytest.mark.parametrize("fails", [True, False])
def test_a_finalizer_may_end_a_span_at_any_time(*, fails: bool) -> None:
    service = Service(RuleSampler(0), rescue=True)
    [rescue] = service.provider._active_span_processor._span_processors
    times = 0

    def finalizer() -> None:
        nonlocal times
        times += 1
        with service.span("rows", here), service.span("row") as span:
            if fails:
                span.set_status(StatusCode.ERROR)

    with service.span("order") as order:
        here = trace.set_span_in_context(order)
        with at_every_line(sampling, finalizer), service.span("price"):
            pass

    kept = [*["row", "rows"] * times, "price", "order"]
    assert sorted(service.names()) == (sorted(kept) if fails else [])
    assert times > 20
    assert rescue._held == len(rescue._open) == len(rescue._holding) == 0  # type: ignore[attr-defined]


@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")
def test_a_forked_child_starts_with_nothing_held_and_no_lock_taken() -> None:
    service = Service(RuleSampler(0), rescue=True)
    tracer = service.provider.get_tracer("shop")
    order = tracer.start_span("order")
    tracer.start_span("price", trace.set_span_in_context(order)).end()
    [rescue] = service.provider._active_span_processor._span_processors
    with rescue._at_work:  # type: ignore[attr-defined]
        child = os.fork()
        if child == 0:
            with service.span("in the child", Context()) as span:
                span.set_status(StatusCode.ERROR)
            clean = rescue._held == 0  # type: ignore[attr-defined]
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


def customers(seed: int) -> Iterator[tuple[str, bool]]:
    """Yield who orders, and whether it fails."""
    chance = random.Random(seed)
    for _ in range(6_000):
        yield f"c-{chance.randint(1, 60)}", chance.random() < 0.05


def visits(two: Callable[[str, bool], None]) -> tuple[int, int]:
    """Send everybody through two services; return how many there were, and failed."""
    total = failed = 0
    for customer, fails in customers(seed=7):
        two(customer, fails)
        total, failed = total + 1, failed + fails
    return total, failed


def test_the_sum_of_the_counts_estimates_what_there_was() -> None:
    """With a ratio, a rule for customers known early or late, and rescued errors."""
    sampler = RuleSampler(0.2, [NAMED])
    shop, billing = Service(sampler, rescue=True), Service(RuleSampler(1, [NAMED]))
    carrier = TraceContextTextMapPropagator()

    def order(customer: str, fails: bool) -> None:  # noqa: FBT001
        with shop.span("order", Context()) as span:
            headers: dict[str, str] = {}
            carrier.inject(headers)
            span.set_attribute("shop.customer.id", customer)
            if fails:
                span.set_status(StatusCode.ERROR)
        came_in = carrier.extract(headers, Context())
        came_in = baggage.set_baggage("shop.customer.id", customer, came_in)
        with billing.span("bill", came_in):
            pass

    total, failed = visits(order)
    orders, bills = shop.sent.get_finished_spans(), billing.sent.get_finished_spans()
    errors = [span for span in orders if span.status.status_code is StatusCode.ERROR]

    assert len(errors) == failed  # every one, drawn or rescued
    assert estimate(orders) == pytest.approx(total, rel=0.1)
    assert estimate(errors) == pytest.approx(failed, rel=0.35)
    assert estimate(bills) == pytest.approx(total, rel=0.1)
    assert len(bills) < total / 3


def estimate(spans: tuple[ReadableSpan, ...] | list[ReadableSpan]) -> float:
    return sum(float(str(attribute(span, COUNT))) for span in spans)


def test_what_is_not_kept_is_not_recorded_unless_it_might_be_rescued() -> None:
    sampler = RuleSampler(0)
    before = sampler.should_sample(Context(), 1, "order").decision
    sampler.rescue(SimpleSpanProcessor(InMemorySpanExporter()))
    after = sampler.should_sample(Context(), 1, "order").decision

    assert (before, after) == (Decision.DROP, Decision.RECORD_ONLY)
