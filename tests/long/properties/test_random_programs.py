"""The same promise as in `tests/instrumentation`, held to many and larger programs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from instrumentation.testing import Spans
from tests.instrumentation.conftest import provider, spans
from tests.instrumentation.random_programs import Node, programs, run_program

__all__ = ["provider", "spans"]  # fixtures


@pytest.mark.timeout(900)
@settings(
    max_examples=4000,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs(25))
def test_any_program_leaves_the_context_alone_and_a_tree_behind(
    spans: Spans,
    caplog: pytest.LogCaptureFixture,
    program: Node,
) -> None:
    spans.clear()
    run_program(program, spans)

    assert caplog.records == []
