"""The form of an order: its fields and their types, nothing of the business.

order = read_order(request.get_data())    # raises Refused(400)
"""

from __future__ import annotations

import json
from typing import Any

from demo_services.problems import Refused
from demo_services.tracing import traced

EXAMPLE = (
    '{"plan": "team", "quantity": 3, "currency": "EUR", "card": "demo-card-approve"}'
)
REQUIRED = {"plan": str, "quantity": int, "currency": str, "card": str}
OPTIONAL = {"coupon": str, "email": str}
LONGEST = 100
KINDS = {str: "a short text", int: "a whole number"}


# By hand: the first step of an order, a span that leads here.
@traced
def read_order(body: bytes) -> dict[str, Any]:
    """Return the order in a request's body.

    Raises:
        Refused: It is no order; which field, what it holds, and what it should.
    """
    try:
        order = json.loads(body)
    except (ValueError, RecursionError):
        raise _malformed(f"The body is no JSON: send for example {EXAMPLE}.") from None
    if not isinstance(order, dict):
        raise _malformed(f"The body is no JSON object: send for example {EXAMPLE}.")
    for name in REQUIRED.keys() - order.keys():
        raise _malformed(f"The field {name} is missing: send for example {EXAMPLE}.")
    for name, value in order.items():
        _check_field(name, value)
    return order


def _check_field(name: str, value: object) -> None:
    kind = (REQUIRED | OPTIONAL).get(name)
    if kind is None:
        raise _malformed(f"There is no field {name!r} in an order: leave it out.")
    # A bool is an int to Python, and no quantity to anybody.
    wrong = not isinstance(value, kind) or isinstance(value, bool)
    if wrong or (isinstance(value, str) and not _is_short_text(value)):
        raise _malformed(f"The field {name} is {value!r:.100}: make it {KINDS[kind]}.")


def _is_short_text(value: str) -> bool:
    # JSON can spell half a character, which no database and no span takes.
    return len(value) <= LONGEST and value.isprintable()


def _malformed(detail: str) -> Refused:
    return Refused(400, "Malformed order", detail)
