"""The lines of a function in the learner's files, as last saved.

Example:
    places = places_of(folder, "shop.py", "price_order")
"""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.workshop.checking.sentences import CheckFailed


@dataclass(frozen=True)
class Place:
    """The file of a function, with its first and last line, decorators included."""

    file: str
    first: int
    last: int


def places_of(folder: Path, file: str, function: str) -> list[Place]:
    """Return the places where a function is defined, those in `file` first.

    A learner may move it to a module of its own, or into a class.

    Raises:
        CheckFailed: `file` cannot be read, or no file has such a function.
    """
    try:
        places = list(_definitions(folder / file, function))
    except (OSError, ValueError, SyntaxError) as error:
        raise CheckFailed(f"{file} cannot be read: {error}.") from None
    for other in sorted(folder.rglob("*.py")):
        if other.name != file:
            with contextlib.suppress(OSError, ValueError, SyntaxError):
                places += _definitions(other, function)
    if places:
        return places
    raise CheckFailed(
        f"{file} has no function `{function}`: keep its name, the check looks for it."
    )


def _definitions(file: Path, function: str) -> Iterator[Place]:
    for node in ast.walk(ast.parse(file.read_text())):
        if (
            isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            and node.name == function
        ):
            lines = [node.lineno, *(item.lineno for item in node.decorator_list)]
            yield Place(file.name, min(lines), node.end_lineno or node.lineno)
