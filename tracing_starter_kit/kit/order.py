"""`kit order` and `kit statements`: start something, then show its trace.

placed = place_order(settings, Order(plan="team", quantity=3))
show_order(settings, placed)
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import quote

from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.drawing import print_tree
from tracing_starter_kit.traces.spans import Span, load_spans

TRACE_WITHIN = 8.0
POLL = 0.1


@dataclass(frozen=True)
class Order:
    """What is ordered, and with which demo key and card."""

    plan: str = "team"
    quantity: int = 2
    currency: str = "EUR"
    coupon: str | None = None
    card: str = "demo-card-approve"
    email: str | None = None
    key: str = "demo-key-ada"


FIRST_ORDER = Order()
# Sent again under this key it is the same order, not one more.
ONCE = {"Idempotency-Key": "kit-first-order"}


@dataclass(frozen=True)
class Placed:
    """The gateway's answer to an order."""

    status: int
    trace_id: str
    order_id: str | None
    trace_url: str
    jaeger_url: str | None
    title: str


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """Let a command line say what is ordered."""
    add, default = parser.add_argument, Order()
    add("--plan", default=default.plan, help="%(default)s, or another")
    add("--quantity", type=int, default=default.quantity)
    add("--currency", default=default.currency)
    add("--coupon", help="a coupon code")
    add("--card", default=default.card, help="which demo card pays")
    add("--email", help="where the receipt goes")
    add("--key", default=default.key, help="the customer's demo API key")
    add("--once", action="store_true", help="the same order every time, not a new one")


def order_of(options: argparse.Namespace) -> Order:
    """Return what a command line ordered."""
    return Order(
        **{field.name: getattr(options, field.name) for field in fields(Order)}
    )


def place_order(settings: Settings, order: Order, *, once: bool = False) -> Placed:
    """Send an order to the gateway; `once` asks for the same one every time.

    Raises:
        WebError: The gateway does not answer, or answers what it never should.
    """
    fields = {name: value for name, value in asdict(order).items() if name != "key"}
    body = {name: value for name, value in fields.items() if value is not None}
    url = settings.url("GATEWAY_PORT") + "/orders"
    headers = {"X-API-Key": order.key, "User-Agent": f"kit ({platform.system()})"}
    headers |= ONCE if once else {}
    try:
        return _placed(201, web.post_json(url, body, headers=headers))
    except web.WebError as error:
        if isinstance(error.body, dict) and "trace_id" in error.body:
            return _placed(error.status, error.body)
        raise


def _placed(status: int, answer: dict[str, Any]) -> Placed:
    return Placed(
        status=status,
        trace_id=answer["trace_id"],
        order_id=answer.get("order_id"),
        trace_url=answer["trace_url"],
        jaeger_url=answer.get("jaeger_url"),
        title=answer.get("title", "accepted"),
    )


def show_order(settings: Settings, placed: Placed) -> None:
    """Wait for the order's trace and print it as a tree, with its address."""
    services = {"gateway"}
    if placed.status in (201, 402):
        services |= {"billing", "payments"}
    if placed.status == 201:
        services.add("notifications")
    show_trace(settings, placed.trace_id, lambda spans: covers(spans, services))
    print(f"\nOrder {placed.order_id or ''}: {placed.status} {placed.title}")
    if placed.jaeger_url:
        print(f"In Jaeger     {placed.jaeger_url}")
    print(f"Open it       {placed.trace_url}")


def show_trace(
    settings: Settings, trace_id: str, done: Callable[[Sequence[Span]], bool]
) -> bool:
    """Print a trace once `done` says that it is all there; tell whether it was."""
    spans = wait_for_trace(settings, trace_id, done)
    print_tree(spans)
    if done(spans):
        return True
    print(f"\nAfter {TRACE_WITHIN:.0f} s parts of this trace are missing still.")
    return False


def wait_for_trace(
    settings: Settings, trace_id: str, done: Callable[[Sequence[Span]], bool]
) -> list[Span]:
    """Return a trace's spans once `done` holds, or those there are at the deadline."""
    deadline = time.monotonic() + TRACE_WITHIN
    spans = fetch_trace(settings, trace_id)
    while not done(spans) and time.monotonic() < deadline:
        time.sleep(POLL)
        spans = fetch_trace(settings, trace_id)
    return spans


def fetch_trace(settings: Settings, trace_id: str) -> list[Span]:
    """Return the spans that the viewer has of a trace now; none if it knows none.

    Raises:
        WebError: The viewer does not answer.
    """
    url = f"{settings.url('VIEWER_PORT')}/api/v3/traces/{quote(trace_id, safe='')}"
    try:
        return load_spans(web.get_json(url))
    except web.WebError as error:
        if error.status == 404:
            return []
        raise


def covers(spans: Sequence[Span], services: set[str]) -> bool:
    """Tell whether the trace is whole: each service's entry is there, no orphan."""
    ids = {span.span_id for span in spans}
    entries = {s.service for s in spans if s.kind in ("SERVER", "CONSUMER")}
    orphans = [s for s in spans if s.parent_span_id and s.parent_span_id not in ids]
    return services <= entries and not orphans


def order_command(
    settings: Settings, order: Order, *, once: bool, as_json: bool
) -> int:
    """Run `kit order`; return 0 if the order was accepted."""
    placed = place_order(settings, order, once=once)
    if as_json:
        fields = ("trace_id", "order_id", "status", "trace_url")
        print(json.dumps({name: getattr(placed, name) for name in fields}))
    else:
        show_order(settings, placed)
    return 0 if placed.status == 201 else 1


def statements_command(settings: Settings, *, as_json: bool) -> int:
    """Run `kit statements`: start the nightly run and show its trace."""
    answer = web.post_json(settings.url("BILLING_PORT") + "/statements")
    if as_json:
        print(json.dumps({name: answer[name] for name in ("trace_id", "trace_url")}))
        return 0
    shown = show_trace(
        settings,
        answer["trace_id"],
        lambda spans: covers(spans, set()) and any(map(_sums_up, spans)),
    )
    print(f"\nOpen it       {answer['trace_url']}")
    return 0 if shown else 1


def _sums_up(span: Span) -> bool:
    """Tell whether this is the nightly run's last task, in either mode's words."""
    task = "notifications.sum_up_statements"
    return span.kind == "CONSUMER" and span.name.endswith(task)
