"""The docstrings of the helpers: their form, their completeness, their examples."""

from __future__ import annotations

import ast
import importlib
import re
import tomllib
from pathlib import Path

import pytest

from tests.instrumentation.docstrings import HELPERS, NAMES, docstring
from tests.instrumentation.processes import REFUSED, ROOT, run

UNITS = re.compile(r"\b(seconds?|s|milliseconds|ms|ratio|share|probability)\b")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
Public = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_it_has_its_packages_the_version_an_example_and_its_spans(
    helper: Path,
) -> None:
    parts = docstring(helper)

    assert parts.needs, "a line 'Needs: pip install …'"
    assert all(re.search(r"[~>]=\d", package) for package in parts.needs + parts.shows)
    assert parts.version == PROJECT["version"]
    assert parts.files, "a block 'Example:'"
    assert parts.tree or "test_orders.py" in parts.files, "a block 'You will see:'"


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_it_begins_with_its_license_and_the_address_of_the_project(
    helper: Path,
) -> None:
    first, second, third, *_ = helper.read_text().splitlines()

    assert first == f"# SPDX-License-Identifier: {PROJECT['license']}"
    assert second == f"# Source: {PROJECT['urls']['Source']}"
    assert third.startswith('"""')


def public(helper: Path) -> dict[str, Public]:
    """Return the public functions and classes of a file, and the classes' methods."""
    nodes: dict[str, Public] = {}
    for node in ast.parse(helper.read_text()).body:
        if isinstance(node, Public) and not node.name.startswith(("_", "pytest_")):
            nodes[node.name] = node  # the last overload, which has the docstring
            if isinstance(node, ast.ClassDef):
                nodes |= own_methods(helper, node)
    return nodes


def own_methods(helper: Path, node: ast.ClassDef) -> dict[str, Public]:
    """Return the public methods of a class that no base class has."""
    module = importlib.import_module(f"instrumentation.{helper.stem}")
    inherited = {
        name for base in vars(module)[node.name].__mro__[1:] for name in vars(base)
    }
    return {
        f"{node.name}.{method.name}": method
        for method in node.body
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        if not method.name.startswith("_") and method.name not in inherited
    }


EACH = [
    pytest.param(node, id=f"{helper.stem}.{name}")
    for helper in HELPERS
    for name, node in public(helper).items()
]
TOP = [case for case in EACH if str(case.id).count(".") == 1]


@pytest.mark.parametrize("node", EACH)
def test_it_describes_the_object_and_each_argument_and_error(node: Public) -> None:
    text = ast.get_docstring(node) or ""

    assert text
    assert [
        name for name in arguments(node) if not re.search(rf"\b{name}\b", text)
    ] == []
    assert [name for name in raised_errors(node) if name not in text] == []


@pytest.mark.parametrize("node", EACH)
def test_it_names_the_unit_of_each_number(node: Public) -> None:
    numbers = [
        argument.arg
        for argument in all_arguments(node)
        if argument.annotation
        if ast.unparse(argument.annotation).startswith("float")
    ]

    assert not numbers or UNITS.search(ast.get_docstring(node) or "")


@pytest.mark.parametrize("node", TOP)
def test_it_has_an_example(node: Public) -> None:
    assert ">>> " in (ast.get_docstring(node) or "")


@pytest.mark.parametrize("helper", NAMES)
def test_its_examples_are_true(helper: str) -> None:
    """Run them in a process of their own: some set up the tracing of a process."""
    output = run("examples", helper, endpoint=REFUSED, OTEL_TRACES_EXPORTER="none")

    assert re.search(r"^[1-9]\d* examples, 0 failed$", output, re.MULTILINE), output


def arguments(node: Public) -> list[str]:
    names = [argument.arg for argument in all_arguments(node)]
    return [name for name in names if not name.startswith("_")]


def all_arguments(node: Public) -> list[ast.arg]:
    """Return the arguments of a function, or of a class's `__init__`."""
    if isinstance(node, ast.ClassDef):
        functions = [n for n in node.body if isinstance(n, ast.FunctionDef)]
        constructors = [f for f in functions if f.name == "__init__"]
        return all_arguments(constructors[0]) if constructors else []
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return [argument for argument in every if argument.arg not in ("self", "cls")]


def raised_errors(node: Public) -> set[str]:
    """Return the names of the errors that a function's own lines raise."""
    if isinstance(node, ast.ClassDef):
        return set()
    return {
        ast.unparse(statement.exc.func)
        for statement in ast.walk(node)
        if isinstance(statement, ast.Raise) and isinstance(statement.exc, ast.Call)
    }
