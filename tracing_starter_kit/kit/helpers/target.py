"""The folder for helpers in the user's project, and its name for imports.

target = find_target(Path("shop/tracing"), is_flat=False)
target.package      # shop.tracing
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tracing_starter_kit.kit.helpers.copies import copies_below
from tracing_starter_kit.kit.helpers.errors import HelpersError

PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


@dataclass(frozen=True)
class Target:
    """The folder that helpers are added to."""

    folder: Path
    root: Path
    is_flat: bool

    @property
    def package(self) -> str:
        """The name to import it by; "" for a flat folder."""
        return "" if self.is_flat else package_of(self.folder, self.root)


def package_of(folder: Path, root: Path) -> str:
    """Return the dotted name of a folder, as the project imports it."""
    parts = list(folder.relative_to(root).parts)
    return ".".join(parts[1:] if parts[:1] == ["src"] else parts)


def find_target(into: Path | None, *, is_flat: bool) -> Target:
    """Return the folder to add to: the one that is named, or the one in use.

    Raises:
        HelpersError: None is named or in use, or it cannot be imported.
    """
    here = Path.cwd().resolve()
    if is_flat and into is not None:
        raise HelpersError("--here and --into exclude each other: give one of them.")
    folder = here if is_flat else into.resolve() if into else _folder_in_use(here)
    if is_flat or (folder == here and into is None):
        return Target(here, here, is_flat=True)
    root = _root_of(folder, here)
    parts = folder.relative_to(root).parts
    if folder == here or not all(part.isidentifier() for part in parts):
        raise HelpersError(
            f"{into or folder} cannot be imported as a package: name a folder such as "
            "shop/tracing, or use --here for files without a package."
        )
    return Target(folder, root, is_flat=False)


def _root_of(folder: Path, here: Path) -> Path:
    """Return the folder that the project's imports start from."""
    for parent in folder.parents:
        is_project = any((parent / name).exists() for name in PROJECT_FILES)
        if is_project or parent == here:
            return parent
    return folder.parent


def _folder_in_use(here: Path) -> Path:
    """Return the one folder that holds copies already."""
    folders = {copy.path.parent for copy in copies_below(here)}
    if len(folders) == 1:
        return folders.pop()
    raise HelpersError(
        "Name the package for the helpers, such as --into shop/tracing, or use --here "
        "for the current folder."
    )


def missing_inits(target: Target) -> list[Path]:
    """Return the `__init__.py` files to make: of the package, and of new folders."""
    parents = [target.folder]
    for parent in target.folder.parents:
        if parent == target.root or parent.exists():
            break
        parents.append(parent)
    inits = [
        parent / "__init__.py" for parent in parents if parent != target.root / "src"
    ]
    return [path for path in inits if not path.exists()]
