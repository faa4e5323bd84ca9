"""The little shop of the page's tests: its source in a git repository, its traces."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

from tests.browser.spans import Span

PRICING = '''"""The price of an order."""

from shop.catalogue import PLANS

TAX_PERCENT = 20


def price_order(plan: str, quantity: int) -> int:
    """Return the price in minor units."""
    net = PLANS[plan] * quantity
    if net < 0:
        raise ValueError("<b>not a price</b>")
    return net + net * TAX_PERCENT // 100


def refund(amount: int) -> int:
    """Return the amount that is paid back."""
    return -amount
'''
PRICE_LINE = 10  # net = PLANS[plan] * quantity
PRICE_FUNCTION = range(8, 14)
STACK = """Traceback (most recent call last):
  File "/srv/venv/lib/python3.11/site-packages/requests/sessions.py", line 637, in post
    return self.request("POST", url)
  File "/srv/shop/payments.py", line 21, in charge
    answer = session.post(url, json=body, timeout=left)
requests.exceptions.ReadTimeout: read timed out
"""
FLASK = "tracing_starter_kit.flask"
CELERY = "tracing_starter_kit.celery"
CLIENT = "opentelemetry.instrumentation.requests"


def write_repository(root: Path) -> str:
    """Commit the shop's source, then edit it; return the committed revision."""
    source = root / "shop" / "pricing.py"
    source.parent.mkdir(parents=True)
    source.write_text(PRICING)
    (root / "shop" / "app.py").write_text("def place_order():\n    return 201\n")
    _git(root, "init", "--quiet")
    _git(root, "add", ".")
    author = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    _git(root, *author, "commit", "--quiet", "--message", "The shop")
    revision = _git(root, "rev-parse", "HEAD")
    source.write_text("# A line that came after the trace.\n" * 3 + PRICING)
    return revision


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    result = subprocess.run(command, check=True, capture_output=True, text=True)
    return result.stdout.strip()


def order(customer: str = "c-17", *, declined: bool = False) -> Span:
    """Return an order of ten spans in 200 ms; its receipt is queued."""
    failed: dict[str, Any] = {"error": "card network timed out"} if declined else {}
    pricing = f"shop/pricing.py:{PRICE_LINE} price_order"
    view: dict[str, Any] = {
        "kind": "SERVER",
        "scope": FLASK,
        "code": "shop/app.py:1 place_order",
    }
    fields = {"http.request.method": "POST", "shop.customer.id": customer}
    steps = [
        Span("billing", "price_order", 15, 4, code=pricing),
        Span("billing", "SELECT plans", 20, 3, "CLIENT", CLIENT, pricing),
        _charge(failed),
        _receipt(),
    ]
    billing = Span(
        "billing", "POST /invoices", 12, 150, **view, **failed, children=steps
    )
    attributes = {**fields, "shop.plan": "team"}
    return Span(
        "gateway",
        "POST /orders",
        0,
        165,
        **view,
        attributes=attributes,
        children=[billing],
    )


def _charge(failed: dict[str, Any]) -> Span:
    exception = {
        "exception.type": "requests.exceptions.ReadTimeout",
        "exception.message": "read timed out",
        "exception.stacktrace": STACK,
    }
    tries = [
        Span("payments", "POST", 62, 40, "CLIENT", CLIENT, "shop/missing.py:3 gone"),
        Span("payments", "POST retry", 104, 35, "CLIENT", CLIENT, **failed),
    ]
    return Span(
        "payments",
        "charge_card",
        60,
        80,
        code="shop/pricing.py:17 refund",
        events=[("exception", exception)] if failed else [],
        children=tries,
        **failed,
    )


def _receipt() -> Span:
    task = "process receipts.deliver"
    render = Span("notifications", "render", 172, 9)
    consumer = Span(
        "notifications",
        task,
        170,
        30,
        "CONSUMER",
        CELERY,
        attributes={"kit.queue.duration_ms": 15, "messaging.system": "redis"},
        children=[render],
    )
    send = "send receipts.deliver"
    return Span("billing", send, 150, 5, "PRODUCER", CELERY, children=[consumer])


def nightly(spans: int) -> Span:
    """Return a run of this many spans: ten tasks, whose rows fail now and then."""
    rows = (spans - 1) // 10 - 1
    tasks = [_task(task, rows) for task in range(10)]
    return Span("billing", "nightly statements", 0, 1000, children=tasks)


def _task(task: int, rows: int) -> Span:
    start = task * 100.0
    inserts = [
        Span(
            "billing",
            f"INSERT row {task}-{row}",
            start + row * 0.09,
            0.08,
            "CLIENT",
            CLIENT,
            error="locked" if row % 500 == 250 else "",
        )
        for row in range(rows)
    ]
    name = f"process statements.make {task}"
    return Span("billing", name, start, 100, "CONSUMER", CELERY, children=inserts)
