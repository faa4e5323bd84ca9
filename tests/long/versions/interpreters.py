"""The Python interpreters of this machine: on PATH, or installed by pyenv."""

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
    """Return the path of an interpreter for each supported version that is here."""
    paths = {".".join(map(str, sys.version_info[:2])): sys.executable}
    for version in SUPPORTED:
        working = (path for path in _candidates(version) if _works(path, version))
        if version not in paths and (path := next(working, None)):
            paths[version] = str(path)
    return {version: paths[version] for version in SUPPORTED if version in paths}


def _candidates(version: str) -> Iterator[Path]:
    for folder in os.get_exec_path():
        yield Path(folder, f"python{version}")
    if pyenv := shutil.which("pyenv"):
        root = subprocess.run([pyenv, "root"], capture_output=True, text=True).stdout
        files = Path(root.strip(), "versions").glob(f"{version}.*/bin/python{version}")
        yield from sorted(files, reverse=True)


def _works(path: Path, version: str) -> bool:
    """Return whether it is that version: pyenv has shims for versions it lacks."""
    if not path.is_file():
        return False
    code = "import sys, ssl, sqlite3, venv; print('%d.%d' % sys.version_info[:2])"
    process = subprocess.run([path, "-c", code], capture_output=True, text=True)
    return process.stdout.strip() == version
