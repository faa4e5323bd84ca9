"""Reads the docstring at the top of a helper, which has a fixed form.

    Needs beside it: span_delivery.py
    Needs: pip install opentelemetry-api~=1.45 flask~=3.0
    From the tracing starter kit 0.1.0.

Then follow `Example:` and an indented program. In it, a comment `# pip install …` names
the packages of the example, and `# conftest.py` begins a file of this name. At the end
stand `You will see:` and the tree of the spans, in the language of testing.py.
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
    """The parts of a helper's docstring; missing parts are empty."""

    needs: tuple[str, ...]  # the packages of the helper, in pip's notation
    beside: tuple[str, ...]  # the files that are copied with it
    shows: tuple[str, ...]  # the further packages of the example
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
    """Return the indented block below a title."""
    block = re.search(rf"^{title}:\n((?:    .*\n|\n)+)", f"{text}\n", re.MULTILINE)
    return dedent(block[1]).strip("\n") if block else ""


def _packages(line: str, text: str) -> tuple[str, ...]:
    lists = re.findall(line, text, re.MULTILINE)
    return tuple(package for words in lists for package in shlex.split(words))


def _files(example: str) -> dict[str, str]:
    parts = re.split(r"^# (\w+\.py)$", example, flags=re.MULTILINE)
    if len(parts) == 1:
        return {"example.py": example} if example else {}
    return dict(zip(parts[1::2], parts[2::2], strict=True))
