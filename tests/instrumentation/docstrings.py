"""What the docstring at the top of a helper says, in its one form.

    Needs beside it: span_delivery.py
    Needs: pip install opentelemetry-api~=1.45 flask~=3.0
    From the tracing starter kit 0.1.0.

It goes on with `Example:` and an indented program, whose comments `# pip install …` say
what that needs besides, and `# conftest.py` that a file of this name begins; then with
`You will see:` and the tree of its spans, in the language of testing.py.
"""

from __future__ import annotations

import ast
import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from tests.instrumentation.processes import ROOT

HELPERS = sorted((ROOT / "instrumentation").glob("[a-z]*.py"))
NAMES = [file.stem for file in HELPERS]


@dataclass(frozen=True)
class Docstring:
    """The parts of a helper's docstring; those that are not there are empty."""

    needs: tuple[str, ...]  # what the file imports, as pip takes it
    beside: tuple[str, ...]  # the files that are copied with it
    shows: tuple[str, ...]  # what its example needs besides
    version: str
    files: dict[str, str]  # the example: name and content
    tree: str


def docstring(helper: Path) -> Docstring:
    text = ast.get_docstring(ast.parse(helper.read_text())) or ""
    example = _block("Example", text)
    return Docstring(
        needs=_packages(r"^Needs: pip install (.+)$", text),
        beside=_packages(r"^Needs beside it: (.+)$", text),
        shows=_packages(r"^# pip install (.+)$", example),
        version="".join(
            re.findall(r"^From the tracing starter kit (\S+)\.$", text, re.MULTILINE)
        ),
        files=_files(example),
        tree=_block("You will see", text),
    )


def _block(title: str, text: str) -> str:
    """Return what is indented below a title."""
    found = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", f"{text}\n", re.MULTILINE)
    return dedent(found[1]).strip("\n") if found else ""


def _packages(line: str, text: str) -> tuple[str, ...]:
    found = re.findall(line, text, re.MULTILINE)
    return tuple(package for words in found for package in shlex.split(words))


def _files(example: str) -> dict[str, str]:
    parts = re.split(r"^# (\w+\.py)$", example, flags=re.MULTILINE)
    if len(parts) == 1:
        return {"example.py": example} if example else {}
    return dict(zip(parts[1::2], parts[2::2], strict=True))
