"""`kit statements`: start the nightly run, then show its trace."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tracing_starter_kit.kit.settings import Settings
from tracing_starter_kit.kit.trace import show_trace
from tracing_starter_kit.traces import web
from tracing_starter_kit.traces.fetching import is_whole
from tracing_starter_kit.traces.spans import Span

# In auto mode the span's name has a verb before the task's name.
LAST_TASK = "notifications.sum_up_statements"


def statements_command(settings: Settings, *, as_json: bool) -> int:
    """Run `kit statements`; return 0 if the whole trace was shown."""
    answer = web.post_json(settings.url("BILLING_PORT") + "/statements")
    if as_json:
        print(json.dumps({name: answer[name] for name in ("trace_id", "trace_url")}))
        return 0
    is_complete = show_trace(settings, answer["trace_id"], _has_finished)
    print(f"\nOpen it       {answer['trace_url']}")
    return 0 if is_complete else 1


def _has_finished(spans: Sequence[Span]) -> bool:
    consumers = (span for span in spans if span.kind == "CONSUMER")
    return is_whole(spans) and any(s.name.endswith(LAST_TASK) for s in consumers)
