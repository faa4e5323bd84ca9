"""`kit trace`: one trace of the viewer, as a tree or as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from tracing_starter_kit.kit.order import fetch_trace
from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.traces.drawing import print_tree


def trace_command(settings: Settings, trace_id: str, *, as_json: bool) -> int:
    """Print a trace; return 1 if the viewer does not know it."""
    spans = fetch_trace(settings, trace_id)
    if not spans:
        viewer = settings.url("VIEWER_PORT")
        print(f"The viewer at {viewer} knows no trace {trace_id}.", file=sys.stderr)
        return 1
    url = f"{settings.url('VIEWER_PORT')}/trace/{trace_id}"
    if as_json:
        rows = [asdict(span) for span in spans]
        print(json.dumps({"trace_id": trace_id, "trace_url": url, "spans": rows}))
    else:
        print_tree(spans)
        print(f"\nOpen it       {url}")
    return 0
