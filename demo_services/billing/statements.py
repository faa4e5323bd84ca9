"""The nightly run: one message starts it, notifications does the work.

POST /statements     {"day": "2026-11-23"}, or {} for today
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

from flask import Blueprint, Response, jsonify, request
from kombu.exceptions import OperationalError

from demo_services.problems import Refused, Unavailable
from demo_services.queue import the_queue
from demo_services.trace_address import current_trace

routes = Blueprint("statements", __name__)


@routes.post("/statements")
def start_statements() -> tuple[Response, int]:
    """Queue the run; answer at once, with the address of its trace."""
    run = {"run_id": f"s-{uuid4().hex}", "day": _day()}
    try:
        the_queue().send_task("notifications.prepare_statements", kwargs=run)
    except OperationalError:
        raise Unavailable("queue", retry_after=5) from None
    return jsonify(run | current_trace()), 202


def _day() -> str:
    form = request.get_json(silent=True) or {}
    try:
        return date.fromisoformat(form.get("day", _today())).isoformat()
    except (AttributeError, TypeError, ValueError):
        detail = (
            'The body has no valid day: send {"day": "2026-11-23"}, or {} for today.'
        )
        raise Refused(400, "Malformed day", detail) from None


def _today() -> str:
    return datetime.now(UTC).date().isoformat()
