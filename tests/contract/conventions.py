"""Compares attribute names with the installed semantic conventions.

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
        for attributes in (
            span.attributes,
            span.resource,
            *(event.attributes for event in span.events),
            *(link.attributes for link in span.links),
        )
        for name in attributes
    }


def complaints(names: Iterable[str]) -> list[str]:
    """Return the names that are deprecated, or neither a convention's nor ours."""
    current, deprecated = conventions()
    return sorted(
        f"{name} is deprecated" if name in deprecated else f"{name} is in no convention"
        for name in names
        if name not in current and not name.startswith(OURS)
    )


@cache
def conventions() -> tuple[frozenset[str], frozenset[str]]:
    """Return the current names, and the deprecated ones."""
    pairs = [pair for file in _files() for pair in _names(file)]
    # A name that became stable is deprecated in the incubating module it came from.
    current = frozenset(name for name, is_deprecated in pairs if not is_deprecated)
    return current, frozenset(name for name, _ in pairs) - current


def _files() -> Iterator[Path]:
    for folder in opentelemetry.semconv.__path__:
        yield from Path(folder).glob("attributes/*_attributes.py")
        yield from Path(folder).glob("_incubating/attributes/*_attributes.py")


def _names(file: Path) -> Iterator[tuple[str, bool]]:
    """Yield a module's attribute names, each with whether it is deprecated."""
    body = ast.parse(file.read_text()).body
    for node, below in pairwise(body):
        if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Constant):
            text = ast.literal_eval(below.value) if isinstance(below, ast.Expr) else ""
            yield str(node.value.value), text.strip().startswith("Deprecated")
