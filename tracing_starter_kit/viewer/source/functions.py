"""Find functions in Python source: by a line in them, or by name.

    function = function_at(text, 42)           # the innermost one around a line
    function = function_named(text, "charge")

Other languages have no functions here.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Function:
    """A function's lines, from its first decorator to its last line."""

    qualified_name: str
    start: int
    end: int


def function_at(text: str, line: int) -> Function | None:
    """Return the innermost function around a line."""
    around = [f for f in functions(text) if f.start <= line <= f.end]
    return max(around, key=lambda function: function.start, default=None)


def function_named(text: str, name: str) -> Function | None:
    """Return the function with a full name, which begins with its module."""
    return next((f for f in functions(text) if is_named(f, name)), None)


def is_named(function: Function, full_name: str) -> bool:
    """Return whether a full name, `module.Class.function`, is this function's."""
    plain = full_name.replace(".<locals>", "")
    return f".{plain}".endswith(f".{function.qualified_name}")


@lru_cache(maxsize=16)
def functions(text: str) -> tuple[Function, ...]:
    """Return all functions of a module; none if the text is not Python."""
    try:
        # Python has already shown these warnings where the file ran.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(_walk(tree))


def _walk(tree: ast.Module) -> Iterator[Function]:
    stack: list[tuple[ast.AST, str]] = [(tree, "")]
    while stack:
        node, prefix = stack.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inner = f"{prefix}{child.name}."
                if not isinstance(child, ast.ClassDef):
                    yield _function(child, prefix + child.name)
            stack.append((child, inner))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Function:
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return Function(name, start, node.end_lineno or node.lineno)
