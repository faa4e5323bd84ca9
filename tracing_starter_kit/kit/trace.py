"""`kit trace`: one trace of the viewer, as a tree or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict

from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.traces.drawing import print_tree
from tracing_starter_kit.traces.fetching import (
    TRACE_WITHIN,
    fetch_trace,
    wait_for_trace,
)
from tracing_starter_kit.traces.spans import Span


def trace_command(settings: Settings, trace_id: str, *, as_json: bool) -> int:
    """Print a trace; return 1 if the viewer does not have it."""
    viewer = settings.url("VIEWER_PORT")
    spans = fetch_trace(viewer, trace_id)
    if not spans:
        print(f"The viewer at {viewer} has no trace {trace_id}.", file=sys.stderr)
        return 1
    url = f"{viewer}/trace/{trace_id}"
    if as_json:
        rows = [asdict(span) for span in spans]
        print(json.dumps({"trace_id": trace_id, "trace_url": url, "spans": rows}))
    else:
        print_tree(spans)
        print(f"\nOpen it       {url}")
    return 0


def show_trace(
    settings: Settings, trace_id: str, is_complete: Callable[[Sequence[Span]], bool]
) -> bool:
    """Wait until a trace is complete and print it; tell whether it is complete."""
    spans = wait_for_trace(settings.url("VIEWER_PORT"), trace_id, is_complete)
    print_tree(spans)
    if is_complete(spans):
        return True
    print(f"\nThe trace is still incomplete after {TRACE_WITHIN:.0f} s.")
    return False
