"""Whether a trace is whole: every parent is there, and an entry of each service."""

from __future__ import annotations

import pytest

from tracing_starter_kit.traces.fetching import is_whole
from tracing_starter_kit.traces.spans import Span


def span(service: str, kind: str, span_id: str, parent: str | None = None) -> Span:
    return Span(
        trace_id="0a" * 16,
        span_id=span_id,
        parent_span_id=parent,
        service=service,
        name="x",
        kind=kind,
        start_ns=1,
        end_ns=2,
        status="UNSET",
        status_message="",
        attributes={},
        resource={},
        scope="",
    )


GATEWAY = span("gateway", "SERVER", "1")
CALL = span("gateway", "CLIENT", "2", "1")
BILLING = span("billing", "SERVER", "3", "2")


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([GATEWAY, CALL, BILLING], True),
        ([GATEWAY, CALL], False),
        ([GATEWAY, BILLING], False),
    ],
    ids=["whole", "without a service", "without a parent"],
)
def test_a_trace_is_whole_with_all_services_and_parents(
    spans: list[Span],
    expected: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert is_whole(spans, {"gateway", "billing"}) is expected
