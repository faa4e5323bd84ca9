"""The README names every helper, and its code is Python."""

from __future__ import annotations

import ast
import re

from tests.instrumentation.processes import ROOT

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
