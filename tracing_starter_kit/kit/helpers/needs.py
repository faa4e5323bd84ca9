"""The packages that some helpers need together, as one line for pip.

print(pip_line(helpers, libraries=["requests"]))
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tracing_starter_kit.kit.helpers.catalogue import Helper

# A docstring says it for each of several: opentelemetry-instrumentation-<name>~=0.66b0
FOR_EACH = re.compile(r"([\w-]+)<name>(\S+?) for each")
NAME = re.compile(r"[\w.-]+(?:\[[\w,-]+\])?")


def pip_line(helpers: Sequence[Helper], libraries: Iterable[str]) -> str:
    """Return the one line that installs the packages of all helpers.

    Args:
        helpers: The helpers that are added.
        libraries: Of the libraries that client_tracing.py can trace, those in use.
    """
    ranges: dict[str, list[str]] = {}
    for requirement in _requirements(helpers, libraries):
        match = NAME.match(requirement)
        name = match[0] if match else requirement
        limits = ranges.setdefault(name, [])
        if (limit := requirement.removeprefix(name)) and limit not in limits:
            limits.append(limit)
    words = [f"{name}{','.join(limits)}" for name, limits in sorted(ranges.items())]
    return " ".join(["pip install", *map(_quoted, words)])


def _requirements(helpers: Sequence[Helper], libraries: Iterable[str]) -> list[str]:
    requirements = [need for helper in helpers for need in helper.needs]
    for helper in helpers:
        if match := FOR_EACH.search(helper.needs_besides):
            requirements += [f"{match[1]}{name}{match[2]}" for name in libraries]
    return requirements


def _quoted(word: str) -> str:
    """Quote a word that a shell would read as a redirection or a pattern."""
    return f'"{word}"' if re.search(r"[<>\[\]!*]", word) else word


def needs_of_parts(helpers: Sequence[Helper], libraries: Sequence[str]) -> list[str]:
    """Return a line for each helper with packages that the pip line leaves out."""
    return [
        f"{helper.file_name}: {helper.needs_besides}"
        for helper in helpers
        if helper.needs_besides
        and not (libraries and FOR_EACH.search(helper.needs_besides))
    ]
