"""RuleSampler: the traces that it keeps, and the number that each stands for."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry import baggage, trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace._sampling_experimental import (
    composable_parent_threshold,
    composable_traceid_ratio_based,
    composite_sampler,
)
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import NonRecordingSpan, SpanContext, StatusCode, TraceState
from opentelemetry.trace.propagation.tracecontext import (
    TraceContextTextMapPropagator,
)

from instrumentation.sampling import Rule, RuleSampler
from tests.instrumentation.sampled_service import (
    COUNT,
    HEALTH,
    NAMED,
    RescuingService,
    Service,
    attribute,
    estimate,
    remote,
)


def test_all_is_kept_with_ratio_one_and_stands_for_itself() -> None:
    service = Service(RuleSampler(1))
    with service.span("order"), service.span("price"):
        pass

    assert service.names() == ["price", "order"]
    assert [attribute(service.one(n), COUNT) for n in service.names()] == [1.0, 1.0]
    assert service.one("price").context.trace_state.to_header() == "ot=th:0"


def test_a_drawn_span_has_its_probability_and_the_number_it_stands_for() -> None:
    service = Service(RuleSampler(0.25))
    for _ in range(40):
        with service.span("order"), service.span("price"):
            pass
    [order, *_] = [s for s in service.spans if s.name == "order"]
    [price, *_] = [s for s in service.spans if s.name == "price"]

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
    if ours.decision is Decision.RECORD_AND_SAMPLE:
        assert ours.trace_state == theirs.trace_state


def test_stock_the_sdks_own_sampler_forgets_the_callers_threshold() -> None:
    """In 1.45 a tracer does not pass the caller's trace state to the sampler."""
    stock = composite_sampler(
        composable_parent_threshold(composable_traceid_ratio_based(1))
    )
    service, ours = Service(stock), Service(RuleSampler(1))
    for each in (service, ours):
        with each.span("order", remote("th:c")):
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


def test_below_a_caller_without_a_threshold_spans_have_no_count() -> None:
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


def test_other_parts_of_the_trace_state_stay() -> None:
    state = TraceState([("vendor", "1"), ("ot", f"x:1;rv:{'1' * 14}")])
    caller = SpanContext(1, 5, is_remote=True, trace_state=state)
    context = trace.set_span_in_context(NonRecordingSpan(caller), Context())
    service = Service(RuleSampler(0, [NAMED]))
    with service.span("order", context, attributes={"shop.customer.id": "c-17"}):
        pass

    state = service.one("order").context.trace_state
    assert dict(state) == {"ot": f"th:0;x:1;rv:{'1' * 14}", "vendor": "1"}


@pytest.mark.parametrize("path", ["/health", "/ready"])
@pytest.mark.parametrize("has_rescue", [True, False])
def test_health_checks_are_never_kept_not_even_with_an_error(
    path: str, *, has_rescue: bool
) -> None:
    rules = [HEALTH, NAMED]
    service = (
        RescuingService(1, rules) if has_rescue else Service(RuleSampler(1, rules))
    )
    with service.span("GET", attributes={"url.path": path}) as check:
        check.set_status(StatusCode.ERROR)
        with service.span("ping database") as ping:
            ping.set_status(StatusCode.ERROR)

    assert not check.is_recording()
    assert service.names() == []


def test_named_customers_are_kept_by_attribute_and_by_baggage() -> None:
    service = Service(RuleSampler(0, [HEALTH, NAMED]))
    inbound = baggage.set_baggage("shop.customer.id", "c-18", remote(sampled=False))
    with service.span("first", Context(), attributes={"shop.customer.id": "c-17"}):
        pass
    with service.span("second", inbound):
        pass
    with service.span("third", Context(), attributes={"shop.customer.id": "c-171"}):
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
def test_a_number_that_is_not_a_ratio_is_refused(ratio: float) -> None:
    with pytest.raises(ValueError, match="not from 0"):
        RuleSampler(ratio)
    with pytest.raises(ValueError, match="Rule 'odd': ratio="):
        Rule("odd", ratio, {"url.path": "/"})


def test_a_rule_without_a_condition_is_refused() -> None:
    with pytest.raises(ValueError, match="Rule 'all' has no condition"):
        Rule("all", 1, {})


def customers(seed: int) -> Iterator[tuple[str, bool]]:
    """Yield a customer and whether the order fails, 6,000 times."""
    chance = random.Random(seed)
    for _ in range(6_000):
        yield f"c-{chance.randint(1, 60)}", chance.random() < 0.05


def test_the_sum_of_the_counts_estimates_the_number_of_spans() -> None:
    """With a ratio, a rule that fits early in one service and late in the other."""
    shop, billing = RescuingService(0.2, [NAMED]), Service(RuleSampler(1, [NAMED]))
    carrier = TraceContextTextMapPropagator()

    def order(customer: str, fails: bool) -> None:  # noqa: FBT001
        with shop.span("order", Context()) as span:
            headers: dict[str, str] = {}
            carrier.inject(headers)
            span.set_attribute("shop.customer.id", customer)
            if fails:
                span.set_status(StatusCode.ERROR)
        inbound = carrier.extract(headers, Context())
        inbound = baggage.set_baggage("shop.customer.id", customer, inbound)
        with billing.span("bill", inbound):
            pass

    orders = list(customers(seed=7))
    for customer, fails in orders:
        order(customer, fails)
    failures = sum(fails for _, fails in orders)
    errors = [s for s in shop.spans if s.status.status_code is StatusCode.ERROR]

    assert len(errors) == failures  # each of them, drawn or rescued
    assert estimate(shop.spans) == pytest.approx(len(orders), rel=0.1)
    assert estimate(errors) == pytest.approx(failures, rel=0.35)
    assert estimate(billing.spans) == pytest.approx(len(orders), rel=0.1)
    assert len(billing.spans) < len(orders) / 3


def test_a_span_that_is_not_kept_is_recorded_only_for_rescue() -> None:
    plain = RuleSampler(0).should_sample(Context(), 1, "order")
    recording = RuleSampler(0, record_unsampled=True)
    recorded = recording.should_sample(Context(), 1, "order")

    assert plain.decision is Decision.DROP
    assert recorded.decision is Decision.RECORD_ONLY
