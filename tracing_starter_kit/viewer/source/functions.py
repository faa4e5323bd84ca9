"""Where functions begin and end in Python source.

around = function_at(text, 42)          # the innermost one around a line
named = function_named(text, "charge")  # the one of this name
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
    """Return the function that a span's full name, with its module, means."""
    return next((f for f in functions(text) if is_named(f, name)), None)


def is_named(function: Function, full_name: str) -> bool:
    """Whether `module.Class.function` ends with this function's name."""
    plain = full_name.replace(".<locals>", "")
    return f".{plain}".endswith(f".{function.qualified_name}")


@lru_cache(maxsize=16)
def functions(text: str) -> tuple[Function, ...]:
    """Return all functions of a module; none if it is not Python."""
    try:
        # Running the file has already warned of what is odd in it.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    return tuple(_below(tree))


def _below(tree: ast.Module) -> Iterator[Function]:
    waiting: list[tuple[ast.AST, str]] = [(tree, "")]
    while waiting:
        node, prefix = waiting.pop()
        for child in ast.iter_child_nodes(node):
            inner = prefix
            if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                inner = f"{prefix}{child.name}."
                if not isinstance(child, ast.ClassDef):
                    yield _function(child, prefix + child.name)
            waiting.append((child, inner))


def _function(node: ast.FunctionDef | ast.AsyncFunctionDef, name: str) -> Function:
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    return Function(name, start, node.end_lineno or node.lineno)
