"""One line for each order that reaches the gateway, while `kit up` runs."""

from __future__ import annotations

import threading
import time
import urllib.parse
from collections.abc import Callable
from typing import Any

from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.drawing import duration_text

PAUSE = 1.0


def follow_orders(
    settings: Settings, say: Callable[[str], None], stop: threading.Event
) -> None:
    """Say a line an order until told to stop; a viewer that is away is waited for.

    An order's line comes when its trace has stopped growing, so that its number of
    spans is final as far as anybody can know.
    """
    seen: dict[str, int] = {}
    begin = time.time()
    while not stop.wait(PAUSE):
        for summary in _new_orders(settings, begin):
            trace_id, spans = summary["traceId"], summary["spanCount"]
            if seen.get(trace_id) == spans:
                say(_line(settings, summary))
                spans = -1  # said
            if seen.get(trace_id) != -1:
                seen[trace_id] = spans


def _new_orders(settings: Settings, begin: float) -> list[dict[str, Any]]:
    query = urllib.parse.urlencode(
        {
            "service": "gateway",
            "operation": "POST /orders",
            "start": int(begin * 1e6),
            "limit": 200,
        }
    )
    url = f"{settings.url('VIEWER_PORT')}/api/x/traces?{query}"
    try:
        return list(reversed(web.get_json(url)["traces"]))
    except web.WebError:
        return []


def _line(settings: Settings, summary: dict[str, Any]) -> str:
    clock = time.strftime("%H:%M:%S", time.localtime(summary["startUs"] / 1e6))
    fields = summary["fields"]
    what = [fields.get(key, "") for key in ("shop.customer.id", "shop.plan")]
    took = duration_text(int(summary["durationUs"] * 1000))
    spans = f"{summary['spanCount']} spans"
    if summary["errorCount"]:
        spans += f", {summary['errorCount']} failed"
    url = f"{settings.url('VIEWER_PORT')}/trace/{summary['traceId']}"
    return f"{clock}  order  {' '.join(map(str, what)):<20}  {took:>8}  {spans}  {url}"
