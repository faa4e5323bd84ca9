"""Public orders: checks the client and the form, and forwards the order to billing.

POST /orders        {"plan": "team", "quantity": 3, "currency": "EUR",
                     "card": "demo-card-approve"}
GET /orders/{id}
"""

from __future__ import annotations

from typing import Any, cast
from uuid import uuid4

import requests
from flask import Blueprint, Response, current_app, g, jsonify, request

from demo_services.gateway.form import read_order
from demo_services.gateway.keys import Client, identify
from demo_services.gateway.limits import count_request
from demo_services.problems import Refused, raise_for_problem
from demo_services.settings import settings
from demo_services.trace_address import trace_fields
from demo_services.tracing import set_fields

routes = Blueprint("orders", __name__)
OPERATING_SYSTEMS = {
    "Windows": "windows",
    "Android": "android",
    "iPhone": "ios",
    "iPad": "ios",
    "Mac OS": "macos",
    "Darwin": "macos",
    "Linux": "linux",
}


@routes.post("/orders")
def place_order() -> Response:
    """Place an order: 201 with the order and the address of its trace."""
    client = _admit()
    order = read_order(request.get_data())
    # By hand: the plan is known once the order has been read.
    set_fields({"shop.plan": order["plan"]})

    response = _billing().post(
        f"{settings().billing_url}/orders",
        json=order | {"tenant_id": client.tenant_id, "customer_id": client.customer_id},
        headers=_idempotency_key(),
    )
    raise_for_problem(response, "billing")
    answer = _answer(response.json())
    answer.status_code = response.status_code
    answer.location = f"/orders/{response.json()['order_id']}"
    return answer


@routes.get("/orders/<order_id>")
def show_order(order_id: str) -> Response:
    """Answer with an order of the client's customer."""
    client = _admit()
    # By hand: the id is part of the address.
    set_fields({"shop.order.id": order_id})

    response = _billing().get(f"{settings().billing_url}/orders/{order_id}")
    raise_for_problem(response, "billing")
    if response.json()["customer_id"] != client.customer_id:
        raise Refused(404, "Order unknown", f"You have no order {order_id}.")
    return _answer(response.json())


@routes.before_request
def number_request() -> None:
    """Give the request its client's id, or a new one."""
    request_id = request.headers.get("X-Request-Id", "")
    g.request_id = request_id if 0 < len(request_id) <= 64 else uuid4().hex


@routes.after_request
def name_request(response: Response) -> Response:
    """Return the request's id, which the client can tell our support."""
    response.headers["X-Request-Id"] = g.request_id
    return response


def _admit() -> Client:
    """Describe a request on its trace; return its client, or refuse it."""
    # By hand: facts about the request that are known before its client is.
    set_fields(
        {
            "shop.request.id": g.request_id,
            "shop.endpoint": f"{request.method} {request.url_rule}",
            "shop.payload.size": request.content_length or 0,
            "shop.client.os": _operating_system(request.user_agent.string),
            "shop.region": settings().region,
            "shop.build": settings().build,
        }
    )
    client = identify(request.headers.get("X-API-Key"))
    # By hand: all spans from here on name the customer, also in other services.
    set_fields(
        {"shop.tenant.id": client.tenant_id, "shop.customer.id": client.customer_id}
    )
    count_request(client)
    return client


def _answer(order: dict[str, Any]) -> Response:
    """Return an order as its customer sees it, with the trace that placed it."""
    # By hand: the order has its id from billing.
    set_fields({"shop.order.id": order["order_id"]})
    trace = trace_fields(order.pop("trace_id"))
    response = jsonify(order | trace)
    if trace:
        response.headers["Link"] = f'<{trace["trace_url"]}>; rel="describedby"'
    return response


def _billing() -> requests.Session:
    return cast(requests.Session, current_app.extensions["billing"])


def _idempotency_key() -> dict[str, str]:
    key = request.headers.get("Idempotency-Key")
    return {"Idempotency-Key": key} if key else {}


def _operating_system(user_agent: str) -> str:
    names = (name for text, name in OPERATING_SYSTEMS.items() if text in user_agent)
    return next(names, "unknown")
