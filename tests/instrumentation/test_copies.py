"""Each helper can be copied alone: it imports none of ours."""

from __future__ import annotations

import ast
import doctest
import importlib
import sys
from pathlib import Path

import pytest

from tests.instrumentation.processes import ROOT

HELPERS = sorted((ROOT / "instrumentation").glob("[a-z]*.py"))
NAMES = [file.stem for file in HELPERS]
SHARED = ("_record_error", "_code_attributes", "_relative_path")
FRAMEWORKS = {"flask_tracing": {"flask", "werkzeug"}, "celery_tracing": {"celery"}}
# Imported once they are needed: for the exporter, and by trace_clients("requests").
LAZY = {
    "tracing_setup": {"requests", "google"},
    "client_tracing": {"requests", "sqlalchemy"},
}


def imported(tree: ast.AST) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module))
    return found - {"_typeshed.wsgi"}  # for the type checker only


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_a_helper_imports_python_opentelemetry_and_its_framework(file: Path) -> None:
    modules = imported(ast.parse(file.read_text()))
    top = {name.partition(".")[0] for name in modules}
    extra = FRAMEWORKS.get(file.stem, set()) | LAZY.get(file.stem, set())

    assert top - sys.stdlib_module_names == {"opentelemetry"} | (extra & top)


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_no_helper_imports_contrib_by_itself(file: Path) -> None:
    modules = imported(ast.parse(file.read_text()))

    assert not [name for name in modules if "opentelemetry.instrumen" in name]


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
def test_the_caller_is_looked_for_beyond_every_helper(file: Path) -> None:
    module = importlib.import_module(f"instrumentation.{file.stem}")

    assert vars(module)["__tracing_helper__"] is True


@pytest.mark.parametrize("name", SHARED)
def test_what_several_files_need_is_the_same_in_each(name: str) -> None:
    copies = {
        ast.get_source_segment(text, node)
        for text in (file.read_text() for file in HELPERS)
        for node in ast.parse(text).body
        if isinstance(node, ast.FunctionDef) and node.name == name
    }

    assert len(copies) == 1


@pytest.mark.parametrize("file", HELPERS, ids=NAMES)
@pytest.mark.usefixtures("own_propagator")
def test_the_examples_in_the_docstrings_are_true(file: Path) -> None:
    module = importlib.import_module(f"instrumentation.{file.stem}")

    assert doctest.testmod(module).failed == 0
