"""The Python interpreters of this machine: on PATH, or kept by pyenv."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13", "3.14")


@functools.cache
def interpreters() -> dict[str, str]:
    """Return version and path of an interpreter for each supported version found."""
    found = {".".join(map(str, sys.version_info[:2])): sys.executable}
    for version in SUPPORTED:
        working = (path for path in _candidates(version) if _works(path, version))
        if version not in found and (path := next(working, None)):
            found[version] = str(path)
    return {version: found[version] for version in SUPPORTED if version in found}


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True).stdout
        kept = Path(root.strip(), "versions").glob(f"{version}.*/bin/python{version}")
        yield from sorted(kept, reverse=True)


def _works(path: Path, version: str) -> bool:
    """Tell whether it is what its name says: pyenv has shims for what is not there."""
    if not path.is_file():
        return False
    code = "import sys, ssl, sqlite3, venv; print('%d.%d' % sys.version_info[:2])"
    said = subprocess.run([path, "-c", code], capture_output=True, text=True)
    return said.stdout.strip() == version
