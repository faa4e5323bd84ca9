"""Checks that the code attributes of spans lead to lines that exist.

assert check_code(spans, REPOSITORY) == []
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from tracing_starter_kit.traces.spans import Span

NAMES = ("code.file.path", "code.function.name", "code.line.number")


def check_code(spans: Sequence[Span], root: Path) -> list[str]:
    """Return the errors in the file, function and line that spans lead to."""
    complaints = (_complaint(span, root) for span in spans)
    return [complaint for complaint in complaints if complaint]


def _complaint(span: Span, root: Path) -> str | None:
    path, function, line = (span.attributes.get(name) for name in NAMES)
    complaint: str | None = f"lacks a part of code.*: {path}, {function}, {line}"
    if None not in (path, function, line):
        complaint = _wrong_place(root / str(path), root, str(function), line)
    title = f"{span.service}: {span.kind} {span.name}"
    return f"{title}: {complaint}." if complaint else None


def _wrong_place(file: Path, root: Path, function: str, line: object) -> str | None:
    if not (file.is_file() and file.resolve().is_relative_to(root.resolve())):
        return f"{file} is not a file of the repository"
    path = file.relative_to(root).with_suffix("")
    module = ".".join(path.parent.parts if path.name == "__init__" else path.parts)
    name = function.removeprefix(f"{module}.")
    if name == function or name not in functions_of(file):
        return f"{file.name} has no function {function}"
    if not any(line in lines for lines in functions_of(file)[name]):
        return f"{file.name}:{line} does not lie inside {function}"
    return None


@cache
def functions_of(file: Path) -> dict[str, list[range]]:
    """Return the lines of each function of a file, by its qualified name."""
    functions: dict[str, list[range]] = {}
    for name, lines in _functions(ast.parse(file.read_text()), ""):
        functions.setdefault(name, []).append(lines)
    return functions


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, range]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + child.name, range(child.lineno, (child.end_lineno or 0) + 1)
            yield from _functions(child, f"{prefix}{child.name}.<locals>.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)
