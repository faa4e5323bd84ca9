"""The names of attributes, compared with the semantic conventions as installed.

assert complaints(names_in(spans)) == []
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import opentelemetry.semconv

from tracing_starter_kit.traces.spans import Span

OURS = ("shop.", "kit.")  # the business; what a helper adds


def names_in(spans: Iterable[Span]) -> set[str]:
    """Return the names of all attributes: of spans, resources, events and links."""
    return {
        name
        for span in spans
        for holder in (span, *span.events, *span.links)
        for name in (*holder.attributes, *span.resource)
    }


def complaints(names: Iterable[str]) -> list[str]:
    """Return what is wrong with names: deprecated, or nobody's."""
    current, deprecated = conventions()
    return sorted(
        f"{name} is deprecated" if name in deprecated else f"{name} is no convention's"
        for name in names
        if name not in current and not name.startswith(OURS)
    )


@cache
def conventions() -> tuple[frozenset[str], frozenset[str]]:
    """Return the names that hold today, and those that do no more."""
    known = [pair for file in _files() for pair in _names(file)]
    # A name that became stable stands as deprecated where it was before.
    current = frozenset(name for name, is_deprecated in known if not is_deprecated)
    return current, frozenset(name for name, _ in known) - current


def _files() -> Iterator[Path]:
    for folder in opentelemetry.semconv.__path__:
        yield from Path(folder).glob("attributes/*_attributes.py")
        yield from Path(folder).glob("_incubating/attributes/*_attributes.py")


def _names(file: Path) -> Iterator[tuple[str, bool]]:
    """Yield a module's attribute names, and whether the text below deprecates them."""
    body = ast.parse(file.read_text()).body
    for node, below in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            text = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else ""
            yield str(node.value.value), text.strip().startswith("Deprecated")
