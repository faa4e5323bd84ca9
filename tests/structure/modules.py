"""The Python modules of the repository, and their imports of each other."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "tracing_starter_kit"
SHIPPED = ("instrumentation", "demo_services", PACKAGE)
# Not shipped, but in the same table.
TOOLS = ("benchmarks", "scripts")


def shipped_files() -> list[Path]:
    return files_of(*SHIPPED)


def files_of(*folders: str) -> list[Path]:
    return sorted(file for name in folders for file in (ROOT / name).rglob("*.py"))


def module_name(file: Path) -> str:
    """Return a module's name as in the table: without `tracing_starter_kit`."""
    parts = file.relative_to(ROOT).with_suffix("").parts
    return short(".".join(parts[:-1] if parts[-1] == "__init__" else parts))


def short(module: str) -> str:
    return module.removeprefix(f"{PACKAGE}.")


@cache
def our_imports(file: Path) -> tuple[str, ...]:
    """Return the modules of ours that a file imports, anywhere in it."""
    return tuple(dict.fromkeys(_imports(ast.parse(file.read_text()))))


def _imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            names = [_imported(base, alias.name) for alias in node.names]
        else:
            continue
        yield from (
            short(name)
            for name in names
            if name.partition(".")[0] in (*SHIPPED, *TOOLS, "tests")
        )


def _imported(base: str, name: str) -> str:
    """Return the module behind `from base import name`: base.name if it is one."""
    path = ROOT.joinpath(*base.split("."), name)
    is_module = path.with_suffix(".py").exists() or path.is_dir()
    return f"{base}.{name}" if is_module else base
