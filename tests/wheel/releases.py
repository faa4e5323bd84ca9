"""A next version of the kit, made for a test: its wheel."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.wheel.installation import ROOT, build_wheel

SOURCES = ("pyproject.toml", "README.md", "LICENSE", ".env")
FOLDERS = ("instrumentation", "tracing_starter_kit")
Edit = Callable[[str], str]


def build_release(folder: Path, version: str, edits: dict[str, Edit]) -> Path:
    """Build the wheel of a version whose helpers are edited; return its file."""
    project = folder / "project"
    project.mkdir(parents=True)
    for name in SOURCES:
        shutil.copy(ROOT / name, project)
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, project / name, ignore=ignored)
    configuration = project / "pyproject.toml"
    text = configuration.read_text()
    text = re.sub(r'^version = ".+"', f'version = "{version}"', text, flags=re.M)
    configuration.write_text(text)
    for file in (project / "instrumentation").glob("[a-z]*.py"):
        text = edits.get(file.stem, str)(file.read_text())
        pattern = r"^(From the tracing starter kit )\d+(?:\.\d+)*"
        file.write_text(re.sub(pattern, rf"\g<1>{version}", text, flags=re.M))
    return build_wheel(folder / "wheel", project)
