"""Where the names of a helper went when the kit split it or gave it another name.

    moves_of(copy)      # ["send_logs has moved to log_delivery.py: kit helpers add …"]

It is read from the files: a public name that a helper has lost and another one has got.
"""

from __future__ import annotations

import ast

from tracing_starter_kit.kit.helpers.catalogue import catalogue
from tracing_starter_kit.kit.helpers.copies import Copy


def moves_of(copy: Copy) -> list[str]:
    """Return a sentence for each helper that took names over."""
    helper = copy.helper
    if copy.is_ahead or (helper and not copy.is_behind):
        return []
    lost = public_names(copy.base or copy.content)
    lost -= public_names(helper.text) if helper else set()
    sentences = []
    for other in catalogue().values():
        is_there = (copy.path.parent / other.file_name).exists()
        moved = sorted(lost & public_names(other.text))
        if moved and other is not helper and not is_there:
            sentences.append(_sentence(copy, moved, other.name))
    return sentences


def _sentence(copy: Copy, names: list[str], other: str) -> str:
    verb = "has" if len(names) == 1 else "have"
    return (
        f"{', '.join(names)} {verb} moved from {copy.stamp.name}.py to {other}.py: "
        f"`kit helpers add {other}` brings it."
    )


def public_names(text: str) -> set[str]:
    """Return the names of a file's public functions and classes."""
    try:
        body = ast.parse(text).body
    except SyntaxError:  # a file with the marks of a conflict
        return set()
    defined = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = {node.name for node in body if isinstance(node, defined)}
    return {name for name in names if not name.startswith("_")}
