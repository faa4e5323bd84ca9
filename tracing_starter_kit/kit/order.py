"""`kit order`: send one order to the gateway, then show its trace.

    placement = place_order(settings, Order(plan="team", quantity=3))
    show_order(settings, placement)

`kit up` sends its first order with the same functions.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.kit.trace import show_trace
from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.fetching import is_whole


@dataclass(frozen=True)
class Order:
    """An order's plan and quantity, with the demo key and card that pay for it."""

    plan: str = "team"
    quantity: int = 2
    currency: str = "EUR"
    coupon: str | None = None
    card: str = "demo-card-approve"
    email: str | None = None
    key: str = "demo-key-ada"


FIRST_ORDER = Order()
# The gateway answers a repeated key with the same order, and creates no second order.
ONCE = {"Idempotency-Key": "kit-first-order"}


@dataclass(frozen=True)
class Placement:
    """The gateway's answer to an order."""

    status: int
    trace_id: str
    order_id: str | None
    trace_url: str
    jaeger_url: str | None
    title: str


def add_order_options(parser: argparse.ArgumentParser) -> None:
    """Add the fields of an order to a command line."""
    add, default = parser.add_argument, Order()
    add("--plan", default=default.plan, help="%(default)s, or another")
    add("--quantity", type=int, default=default.quantity)
    add("--currency", default=default.currency)
    add("--coupon", help="a coupon code")
    add("--card", default=default.card, help="the demo card that pays")
    add("--email", help="address for the receipt")
    add("--key", default=default.key, help="the customer's demo API key")
    add("--once", action="store_true", help="send the same order every time")


def order_of(options: argparse.Namespace) -> Order:
    """Return the order that a command line describes."""
    return Order(
        **{field.name: getattr(options, field.name) for field in fields(Order)}
    )


def order_command(
    settings: Settings, order: Order, *, once: bool, as_json: bool
) -> int:
    """Run `kit order`; return 0 if the order was accepted."""
    placement = place_order(settings, order, once=once)
    if as_json:
        names = ("trace_id", "order_id", "status", "trace_url")
        print(json.dumps({name: getattr(placement, name) for name in names}))
    else:
        show_order(settings, placement)
    return 0 if placement.status == 201 else 1


def place_order(settings: Settings, order: Order, *, once: bool = False) -> Placement:
    """Send an order to the gateway; `once` sends the same order every time.

    Raises:
        WebError: The gateway does not answer, or its answer names no trace.
    """
    values = {name: value for name, value in asdict(order).items() if name != "key"}
    body = {name: value for name, value in values.items() if value is not None}
    url = settings.url("GATEWAY_PORT") + "/orders"
    headers = {"X-API-Key": order.key, "User-Agent": f"kit ({platform.system()})"}
    headers |= ONCE if once else {}
    try:
        return _placement(201, web.post_json(url, body, headers=headers))
    except web.WebError as error:
        if isinstance(error.body, dict) and "trace_id" in error.body:
            return _placement(error.status, error.body)
        raise


def _placement(status: int, answer: Mapping[str, Any]) -> Placement:
    return Placement(
        status=status,
        trace_id=answer["trace_id"],
        order_id=answer.get("order_id"),
        trace_url=answer["trace_url"],
        jaeger_url=answer.get("jaeger_url"),
        title=answer.get("title", "accepted"),
    )


def show_order(settings: Settings, placement: Placement) -> None:
    """Wait for the order's trace and print it as a tree, with its address."""
    services = {"gateway"}
    if placement.status in (201, 402):
        services |= {"billing", "payments"}
    if placement.status == 201:
        services.add("notifications")
    show_trace(settings, placement.trace_id, lambda spans: is_whole(spans, services))
    print(f"\nOrder {placement.order_id or ''}: {placement.status} {placement.title}")
    if placement.jaeger_url:
        print(f"In Jaeger     {placement.jaeger_url}")
    print(f"Open it       {placement.trace_url}")
