"""The Python modules of the parts that ship, and what each imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("instrumentation", "demo_services", "viewer", "log_reader", "workshop", "kit")


def shipped_files() -> list[Path]:
    return sorted(file for part in PARTS for file in (ROOT / part).rglob("*.py"))


def module_name(file: Path) -> str:
    parts = file.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def our_imports(file: Path) -> Iterator[str]:
    """Yield the modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [_imported(base, alias.name) for alias in node.names]
        else:
            continue
        yield from (name for name in names if name.partition(".")[0] in PARTS)


def _imported(base: str, name: str) -> str:
    """Return the module behind `from base import name`: base.name if it is one."""
    path = ROOT.joinpath(*base.split("."), name)
    is_module = path.with_suffix(".py").exists() or path.is_dir()
    return f"{base}.{name}" if is_module else base
