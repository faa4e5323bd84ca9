"""The attribute names in the code of the helpers, the demo and the exercises."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.conventions import conventions
from tests.instrumentation.docstrings import HELPERS, NAMES
from tests.instrumentation.processes import ROOT

PREFIX = "kit."
# A helper removes this one, which the SDK still adds.
REMOVED = {"exception.escaped"}
EXERCISES = ROOT / "tracing_starter_kit" / "workshop" / "exercises"


def texts(file: Path) -> Iterator[str]:
    """Yield the constant texts of a file, but not its docstrings."""
    tree = ast.parse(file.read_text())
    documentation = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in constants:
        if isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_the_prefix_of_our_own_stands_in_one_place(helper: Path) -> None:
    occurrences = [text for text in texts(helper) if text.startswith(PREFIX)]
    definitions = re.findall(
        r'^PREFIX = "kit\."', helper.read_text(), flags=re.MULTILINE
    )

    assert len(occurrences) == len(definitions) <= 1


@pytest.mark.parametrize(
    "file",
    [*HELPERS, *ROOT.glob("demo_services/**/*.py"), *EXERCISES.glob("**/*.py")],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_no_code_writes_a_name_that_a_convention_has_given_up(file: Path) -> None:
    _, deprecated = conventions()
    names = set(texts(file))

    assert names & deprecated <= REMOVED
    assert not [name for name in names if re.fullmatch(r"app(\.[a-z_]+)+", name)]
