"""The attribute names that the installed conventions know, and those that were sent."""

from __future__ import annotations

import ast
from pathlib import Path

import opentelemetry.semconv

from tests.instrumentation.receiver import Receiver


def convention_names() -> set[str]:
    """The attribute names of the installed conventions that are not deprecated."""
    [package] = opentelemetry.semconv.__path__
    names: set[str] = set()
    for file in Path(package).rglob("*_attributes.py"):
        names |= names_in(ast.parse(file.read_text()))
    return names


def names_in(tree: ast.Module) -> set[str]:
    """A name is `X: Final = "x"`; that it is deprecated says the text below it."""
    found = set()
    for line, below in zip(tree.body, [*tree.body[1:], None], strict=True):
        if not isinstance(line, ast.AnnAssign) or not isinstance(
            line.value, ast.Constant
        ):
            continue
        text = below.value.value if isinstance(below, ast.Expr) else ""  # type: ignore[attr-defined]
        if "Deprecated" not in text:
            found.add(line.value.value)
    return found


def emitted_names(receiver: Receiver) -> set[str]:
    """The names on resources, spans and events, but for those of our own."""
    names = {key for resource in receiver.resources for key in resource}
    for span in receiver.spans:
        names |= {a.key for a in span.attributes}
        names |= {a.key for event in span.events for a in event.attributes}
    return {name for name in names if not name.startswith(("shop.", "kit."))}
