"""Measure the language of Python files: names that tell a history, "what" in prose.

Use: `python scripts/language.py [FOLDER_OR_FILE ...]`.
"""

from __future__ import annotations

import ast
import io
import re
import subprocess
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

PARTICIPLES = (
    "asked done found given gone kept known left made meant one ones read rest said "
    "seen sent shown taken told wanted"
)
HISTORY = frozenset(PARTICIPLES.split())
WORD = re.compile(r"[A-Za-z']+")
DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
WORST = 12


def main() -> None:
    """Print both figures for the files, and the places with most of each."""
    names: Counter[str] = Counter()
    places: Counter[str] = Counter()
    words = what_count = count = 0
    for file in files(sys.argv[1:]):
        text = file.read_text()
        for name in defined_names(ast.parse(text)):
            count += 1
            if name.strip("_") in HISTORY:
                names[name] += 1
        prose = [word.lower() for part in prose_of(text) for word in WORD.findall(part)]
        words += len(prose)
        what_count += prose.count("what")
        places[str(file)] = prose.count("what")
    most = dict(names.most_common(WORST))
    share, rate = 100 * names.total() / max(count, 1), 1000 * what_count / max(words, 1)
    print(f"{share:.2f} % of {count} names tell a history: {most}")
    print(f'{rate:.1f} "what" in 1,000 of {words} words')
    for place, number in places.most_common(WORST):
        if number:
            print(f"  {number:3} {place}")


def files(places: list[str]) -> Iterator[Path]:
    """Yield the Python files that git tracks under some places."""
    listing = ["git", "ls-files", "-co", "--exclude-standard", "--", *places]
    lines = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
    paths = map(Path, lines.splitlines())
    return (path for path in paths if path.suffix == ".py" and path.exists())


def defined_names(tree: ast.Module) -> Iterator[str]:
    """Yield the names of variables, arguments, functions and classes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node.name


def prose_of(text: str) -> Iterator[str]:
    """Yield the docstrings and comments of a module."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, DOCUMENTED) and (docstring := ast.get_docstring(node)):
            yield docstring
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string


if __name__ == "__main__":
    main()
