"""The form of an order: its fields and their types, without business rules.

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


# By hand: the first step of an order, with a span that leads here.
@traced
def read_order(body: bytes) -> dict[str, Any]:
    """Return the order in a request's body.

    Raises:
        Refused: It is not an order; the message names the field and its value.
    """
    try:
        order = json.loads(body)
    except (ValueError, RecursionError):
        raise _malformed(f"The body is not JSON: send for example {EXAMPLE}.") from None
    if not isinstance(order, dict):
        raise _malformed(f"The body is not a JSON object: send for example {EXAMPLE}.")
    for name in REQUIRED.keys() - order.keys():
        raise _malformed(f"The field {name} is missing: send for example {EXAMPLE}.")
    for name, value in order.items():
        _check_field(name, value)
    return order


def _check_field(name: str, value: object) -> None:
    kind = (REQUIRED | OPTIONAL).get(name)
    if kind is None:
        raise _malformed(f"There is no field {name!r} in an order: leave it out.")
    # In Python a bool is an int, but it is not a quantity.
    is_wrong = not isinstance(value, kind) or isinstance(value, bool)
    if is_wrong or (isinstance(value, str) and not _is_short_text(value)):
        raise _malformed(f"The field {name} is {value!r:.100}: make it {KINDS[kind]}.")


def _is_short_text(value: str) -> bool:
    # JSON can contain half a character, which neither databases nor spans accept.
    return len(value) <= LONGEST and value.isprintable()


def _malformed(detail: str) -> Refused:
    return Refused(400, "Malformed order", detail)
