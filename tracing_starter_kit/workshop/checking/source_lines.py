"""The lines of a function in the learner's file, as last saved.

Example:
    first, last = lines_of(Path("shop.py"), "price_order")
"""

from __future__ import annotations

import ast
from pathlib import Path

from tracing_starter_kit.workshop.checking.sentences import CheckFailed


def lines_of(file: Path, function: str) -> tuple[int, int]:
    """Return the first and last line of a function, its decorators included.

    Raises:
        CheckFailed: The file cannot be read, or has no such function.
    """
    try:
        tree = ast.parse(file.read_text())
    except (OSError, ValueError, SyntaxError) as error:
        raise CheckFailed(f"{file.name} cannot be read: {error}.") from None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            decorators = [decorator.lineno for decorator in node.decorator_list]
            return min([node.lineno, *decorators]), node.end_lineno or node.lineno
    raise CheckFailed(
        f"{file.name} has no function `{function}`: keep its name, the check looks for "
        f"it."
    )
