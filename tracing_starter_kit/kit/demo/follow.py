"""Print a line for each order that reaches the gateway while `kit up` is running."""

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
PRINTED = -1  # in place of a trace's number of spans


def follow_orders(
    settings: Settings, say: Callable[[str], None], stop: threading.Event
) -> None:
    """Print a line an order until `stop` is set; wait while the viewer is away.

    A line is printed when its trace has stopped growing between two looks, so that
    its number of spans is very likely final.
    """
    counts: dict[str, int] = {}
    begin = time.time()
    while not stop.wait(PAUSE):
        for summary in _new_orders(settings, begin):
            trace_id, count = summary["traceId"], summary["spanCount"]
            if counts.get(trace_id) == PRINTED:
                continue
            if counts.get(trace_id) == count:
                say(_line(settings, summary))
                count = PRINTED
            counts[trace_id] = count


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
    order = " ".join(
        str(fields.get(name, "")) for name in ("shop.customer.id", "shop.plan")
    )
    duration = duration_text(int(summary["durationUs"] * 1000))
    spans = f"{summary['spanCount']} spans"
    if summary["errorCount"]:
        spans += f", {summary['errorCount']} failed"
    url = f"{settings.url('VIEWER_PORT')}/trace/{summary['traceId']}"
    return f"{clock}  order  {order:<20}  {duration:>8}  {spans}  {url}"
