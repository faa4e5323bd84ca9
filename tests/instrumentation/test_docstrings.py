"""The docstrings of the helpers: their form, what they tell, and that it is true."""

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
def test_it_names_what_it_needs_the_kits_version_an_example_and_its_spans(
    helper: Path,
) -> None:
    said = docstring(helper)

    assert said.needs, "a line 'Needs: pip install …'"
    assert all(re.search(r"[~>]=\d", package) for package in said.needs + said.shows)
    assert said.version == PROJECT["version"]
    assert said.files, "a block 'Example:'"
    assert said.tree or "test_orders.py" in said.files, "a block 'You will see:'"


@pytest.mark.parametrize("helper", HELPERS, ids=NAMES)
def test_it_begins_with_its_license_and_the_address_of_the_project(
    helper: Path,
) -> None:
    first, second, third, *_ = helper.read_text().splitlines()

    assert first == f"# SPDX-License-Identifier: {PROJECT['license']}"
    assert second == f"# Source: {PROJECT['urls']['Source']}"
    assert third.startswith('"""')


def public(helper: Path) -> dict[str, Public]:
    """The public functions and classes of a file, and the methods of its classes."""
    found: dict[str, Public] = {}
    for node in ast.parse(helper.read_text()).body:
        if isinstance(node, Public) and not node.name.startswith(("_", "pytest_")):
            found[node.name] = node  # of overloads the last, which has the docstring
            if isinstance(node, ast.ClassDef):
                found |= own_methods(helper, node)
    return found


def own_methods(helper: Path, node: ast.ClassDef) -> dict[str, Public]:
    """The public methods of a class, but for those that it has from another one."""
    module = importlib.import_module(f"instrumentation.{helper.stem}")
    inherited = {
        name for base in vars(module)[node.name].__mro__[1:] for name in vars(base)
    }
    return {
        f"{node.name}.{one.name}": one
        for one in node.body
        if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
        if not one.name.startswith("_") and one.name not in inherited
    }


EACH = [
    pytest.param(node, id=f"{helper.stem}.{name}")
    for helper in HELPERS
    for name, node in public(helper).items()
]
TOP = [one for one in EACH if str(one.id).count(".") == 1]


@pytest.mark.parametrize("node", EACH)
def test_it_says_what_it_is_and_names_each_argument_and_error(node: Public) -> None:
    text = ast.get_docstring(node) or ""

    assert text
    assert [
        name for name in arguments(node) if not re.search(rf"\b{name}\b", text)
    ] == []
    assert [name for name in raised(node) if name not in text] == []


@pytest.mark.parametrize("node", EACH)
def test_it_says_in_which_unit_a_number_is(node: Public) -> None:
    numbers = [
        one.arg
        for one in all_arguments(node)
        if one.annotation and ast.unparse(one.annotation).startswith("float")
    ]

    assert not numbers or UNITS.search(ast.get_docstring(node) or "")


@pytest.mark.parametrize("node", TOP)
def test_it_has_an_example(node: Public) -> None:
    assert ">>> " in (ast.get_docstring(node) or "")


@pytest.mark.parametrize("helper", NAMES)
def test_its_examples_are_true(helper: str) -> None:
    """In a process of its own: some of them set the tracing of a process up."""
    said = run("examples", helper, endpoint=REFUSED, OTEL_TRACES_EXPORTER="none")

    assert re.search(r"^[1-9]\d* examples, 0 failed$", said, re.MULTILINE), said


def arguments(node: Public) -> list[str]:
    return [one.arg for one in all_arguments(node) if not one.arg.startswith("_")]


def all_arguments(node: Public) -> list[ast.arg]:
    """The arguments of a function; of a class, those that its objects are made with."""
    if isinstance(node, ast.ClassDef):
        made = [n for n in node.body if getattr(n, "name", "") == "__init__"]
        return all_arguments(made[0]) if made else []  # type: ignore[arg-type]
    args = node.args
    every = [*args.posonlyargs, *args.args, *args.kwonlyargs]
    return [one for one in every if one.arg not in ("self", "cls")]


def raised(node: Public) -> set[str]:
    """The names of the errors that are raised in a function's own lines."""
    if isinstance(node, ast.ClassDef):
        return set()
    return {
        ast.unparse(one.exc.func)
        for one in ast.walk(node)
        if isinstance(one, ast.Raise) and isinstance(one.exc, ast.Call)
    }
