"""Each helper can be copied alone: it imports no other file of ours."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.instrumentation.docstrings import HELPERS, NAMES, docstring

SHARED = (
    "_record_error",
    "_stack_of",
    "_code_attributes",
    "_relative_path",
    "_message_and_fields",
    "_ids_on",
    "_text",
)
# Imported only where the call names them: trace_clients("requests").
OPTIONAL = {
    "client_tracing": ("requests", "sqlalchemy"),
    "flags": ("openfeature",),
}


def imported(tree: ast.AST) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            is_namespace = node.module == "opentelemetry"
            names = {f"opentelemetry.{alias.name}" for alias in node.names}
            modules |= names if is_namespace else {str(node.module)}
    return modules - {"_typeshed.wsgi"}  # for the type checker only


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_a_helper_imports_only_the_packages_in_its_docstring(file: Path) -> None:
    modules = imported(ast.parse(file.read_text()))
    foreign = {m for m in modules if m.partition(".")[0] not in sys.stdlib_module_names}
    needed = {m for m in foreign if not m.startswith(OPTIONAL.get(file.stem, ()))}

    installed = with_dependencies(docstring(file).needs)

    assert [name for name in sorted(needed) if not is_in(name, installed)] == []


def with_dependencies(packages: Iterable[str]) -> set[str]:
    """Return the names of packages and of all their dependencies."""
    names: set[str] = set()
    waiting = [Requirement(package) for package in packages]
    while waiting:
        package = waiting.pop()
        is_needed = not package.marker or package.marker.evaluate({"extra": ""})
        if is_needed and package.name not in names:
            names.add(package.name)
            waiting += map(Requirement, metadata.requires(package.name) or ())
    return names


def is_in(module: str, packages: Iterable[str]) -> bool:
    """Return whether one of the packages has a module, or a part of a namespace."""
    path = module.replace(".", "/")
    return any(
        str(file).startswith((f"{path}.py", f"{path}/"))
        for package in packages
        for file in metadata.files(package) or ()
    )


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_no_helper_imports_contrib_by_itself(file: Path) -> None:
    modules = imported(ast.parse(file.read_text()))

    assert not [name for name in modules if "opentelemetry.instrumen" in name]


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_every_helper_is_marked_so_that_its_frames_are_skipped(file: Path) -> None:
    module = importlib.import_module(f"instrumentation.{file.stem}")

    assert vars(module)["__tracing_helper__"] is True


@pytest.mark.parametrize("name", SHARED)
def test_a_function_that_several_files_need_is_the_same_in_each(name: str) -> None:
    copies = {
        ast.get_source_segment(text, node)
        for text in (file.read_text() for file in HELPERS)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    }

    assert len(copies) == 1
