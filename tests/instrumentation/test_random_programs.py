"""Random programs leave the context as it was and the right tree behind.

More examples of the same are in `tests/long/properties`.
"""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, example, given, settings

from instrumentation.testing import Spans
from tests.instrumentation.random_programs import Node, programs, run_program


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs(8))
@example(Node("generator", [Node("function")], held=True, steps=["next in a thread"]))
@example(Node("async generator", [Node("task", cancelled=True)], steps=["drop"]))
@example(Node("generator", [Node("function")], held=True, steps=["next", "throw"]))
@example(Node("generator", [Node("block")], steps=["next", "close"]))
@example(Node("gather", [Node("coroutine", fails=True, caught=False), Node("thread")]))
def test_any_program_leaves_the_context_alone_and_a_tree_behind(
    spans: Spans, caplog: pytest.LogCaptureFixture, program: Node
) -> None:
    spans.clear()
    run_program(program, spans)

    assert caplog.records == []
