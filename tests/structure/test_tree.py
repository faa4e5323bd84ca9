"""The folders: those that ARCHITECTURE.md names, none with more files than a screen."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.structure.architecture import rows_of
from tests.structure.modules import PACKAGE, SHIPPED, TOOLS
from tests.structure.repository import tracked_files

SCREEN = 24  # lines of a terminal; a sub-folder is one entry of its folder


def entries() -> dict[str, set[str]]:
    """Return the names directly in each folder."""
    folders: dict[str, set[str]] = defaultdict(set)
    for path in tracked_files():
        *parents, name = path.split("/")
        for depth, child in enumerate([*parents, name]):
            folders["/".join(parents[:depth])].add(child)
    return folders


def test_the_table_of_the_tree_has_every_folder_and_every_room() -> None:
    folders = entries()
    top = {f"`{name}/`" for name in folders[""] if name in folders and name[0] != "."}
    rooms = {
        f"`{PACKAGE}/{name}/`"
        for name in folders[PACKAGE]
        if f"{PACKAGE}/{name}" in folders
    }

    assert {row[0] for row in rows_of("The tree")} == top | rooms


@pytest.mark.parametrize(
    "folder",
    sorted(path for path in entries() if path.split("/")[0] in (*SHIPPED, *TOOLS)),
)
def test_the_entries_of_a_folder_fit_a_screen(folder: str) -> None:
    assert len(entries()[folder]) <= SCREEN
