"""The helpers of this version of the kit, as they are in its files.

    for helper in catalogue().values():
        print(helper.name, helper.version, helper.sentence)

Sentence, version and packages are read from the docstring at the top of each file.
"""

from __future__ import annotations

import ast
import functools
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.installation import HELPERS
from tracing_starter_kit.kit.helpers.errors import HelpersError

VERSION = re.compile(r"^From the tracing starter kit (\d[\w.]*\w)", re.MULTILINE)
COMPANIONS = re.compile(r"^Needs beside it: (.+)$", re.MULTILINE)
NEEDS = re.compile(r"^Needs: pip install (.+)\n((?:.+\n)*?)From the", re.MULTILINE)


@dataclass(frozen=True)
class Helper:
    """One helper: a file that works when it is copied alone.

    Attributes:
        needs: Requirements, as pip takes them.
        needs_besides: A sentence on packages that only a part of it needs, or "".
        companions: Names of helpers that it imports, so that they lie beside it.
        text: The pristine content.
    """

    name: str
    version: str
    sentence: str
    needs: tuple[str, ...]
    needs_besides: str
    companions: tuple[str, ...]
    text: str

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.name}.py"


@functools.cache
def catalogue() -> dict[str, Helper]:
    """Return every helper by its name."""
    helpers = (read_helper(file) for file in sorted(HELPERS.glob("*.py")))
    return {helper.name: helper for helper in helpers if helper}


def read_helper(file: Path) -> Helper | None:
    """Return the helper in a file; None: it is another module of the kit."""
    text = file.read_text(encoding="utf-8")
    docstring = ast.get_docstring(ast.parse(text)) or ""
    version, needs = VERSION.search(docstring), NEEDS.search(docstring)
    if not version or not needs:
        return None
    return Helper(
        name=file.stem,
        version=version[1],
        sentence=docstring.partition("\n")[0],
        needs=tuple(shlex.split(needs[1])),
        needs_besides=" ".join(needs[2].split()),
        companions=_companions(docstring),
        text=text,
    )


def _companions(docstring: str) -> tuple[str, ...]:
    match = COMPANIONS.search(docstring)
    files = re.findall(r"(\w+)\.py", match[1]) if match else []
    return tuple(files)


def with_companions(helpers: Iterable[Helper]) -> list[Helper]:
    """Return the helpers, each followed by those that must lie beside it."""
    names: dict[str, Helper] = {}
    for helper in helpers:
        names[helper.name] = helper
        names |= {name: catalogue()[name] for name in helper.companions}
    return list(names.values())


def helper_named(name: str) -> Helper:
    """Return a helper; `flask_tracing`, `flask-tracing` and `flask_tracing.py` are one.

    Raises:
        HelpersError: There is none of that name.
    """
    stem = name.removesuffix(".py").replace("-", "_")
    if stem not in catalogue():
        names = ", ".join(catalogue())
        raise HelpersError(f"There is no helper {name}: choose from {names}.")
    return catalogue()[stem]
