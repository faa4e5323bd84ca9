"""The sizes of files and functions, in lines of code without docstrings."""

from __future__ import annotations

import ast
import io
import statistics
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.structure.modules import module_name, shipped_files

FILE_LINES = 150
# A helper is copied alone: it contains copies of functions that others would import.
HELPER_LINES = 250
FUNCTION_LINES = 40
OTHER_TOKENS = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def code_lines(text: str) -> set[int]:
    """Return the numbers of the lines with code; comments and docstrings are not."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in OTHER_TOKENS:
            lines.update(range(token.start[0], token.end[0] + 1))
    return lines - docstring_lines(ast.parse(text))


def docstring_lines(tree: ast.AST) -> set[int]:
    holders = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    lines: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, holders) and ast.get_docstring(node) is not None:
            first = node.body[0]
            lines.update(range(first.lineno, (first.end_lineno or 0) + 1))
    return lines


def function_sizes(file: Path) -> Iterator[tuple[str, int]]:
    text = file.read_text()
    lines = code_lines(text)
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            span = range(node.lineno, (node.end_lineno or 0) + 1)
            yield f"{file.name}:{node.lineno} {node.name}", len(lines & set(span))


@pytest.mark.parametrize("file", shipped_files(), ids=module_name)
def test_a_file_fits_two_screens(file: Path) -> None:
    name = module_name(file)
    limit = HELPER_LINES if name.startswith("instrumentation.") else FILE_LINES

    assert len(code_lines(file.read_text())) <= limit


@pytest.mark.parametrize("file", shipped_files(), ids=module_name)
def test_no_function_is_longer_than_a_screen(file: Path) -> None:
    long = [name for name, size in function_sizes(file) if size > FUNCTION_LINES]

    assert long == []


def test_most_functions_fit_a_glance() -> None:
    sizes = sorted(s for file in shipped_files() for _, s in function_sizes(file))

    assert statistics.median(sizes) <= 8
    assert sizes[int(len(sizes) * 0.9)] <= 24
