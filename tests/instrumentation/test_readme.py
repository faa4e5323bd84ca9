"""The README names every helper, and its code is Python."""

from __future__ import annotations

import ast
import re

import pytest

from tests.instrumentation.processes import ROOT, run
from tests.instrumentation.receiver import Receiver

TEXT = (ROOT / "instrumentation" / "README.md").read_text()
HELPERS = {file.name for file in (ROOT / "instrumentation").glob("[a-z]*.py")}


def test_every_helper_is_in_the_table_and_has_a_section() -> None:
    table = "\n".join(re.findall(r"^\|.*\|$", TEXT, re.MULTILINE))

    assert set(re.findall(r"\[`(\w+\.py)`\]\(\1\)", table)) == HELPERS
    assert set(re.findall(r"^### `(\w+\.py)`$", TEXT, re.MULTILINE)) == HELPERS


def test_its_code_uses_names_that_exist() -> None:
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    called = {
        node.func.id
        for block in blocks
        for node in ast.walk(ast.parse(block))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    theirs = {"Thread", "deliver", "partial"}

    assert called - theirs <= public_names()


def public_names() -> set[str]:
    return {
        node.name
        for name in HELPERS
        for node in ast.parse((ROOT / "instrumentation" / name).read_text()).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_its_recipes_work_together_in_one_program(
    receiver: Receiver, method: str
) -> None:
    output = run("readme", method, endpoint=receiver.endpoint)

    assert "[0, 900, 1800] True" in output
    [server] = [span for span in receiver.spans if span.name == "POST /orders"]
    prices = [span for span in receiver.spans if span.name == "price"]
    lines = {log.body.string_value: log.span_id for log in receiver.logs}
    assert {span.trace_id for span in receiver.spans} == {server.trace_id}
    assert [span.parent_span_id for span in prices] == [server.span_id] * 5
    assert {lines[f"priced {n}"] for n in range(5)} == {s.span_id for s in prices}
    recipe = "ContextProcessPoolExecutor(2, initializer=start_tracing"
    assert recipe in TEXT
