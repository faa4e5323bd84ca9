"""Circles of imports, at every level of zoom.

    circles({"a": {"b"}, "b": {"a"}})      # [["a", "b"]]
    zoomed(imports, "viewer.store")        # {"viewer.store.rows": {…}, …}

A folder's level has its modules and its sub-folders as places; an import from deep
within one place to deep within another is an arrow between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Arrows = Mapping[str, Iterable[str]]


def circles(arrows: Arrows) -> list[list[str]]:
    """Return the groups of places that reach each other, of any length, sorted."""
    reached = {place: _reached(arrows, place) for place in arrows}
    groups = {
        tuple(sorted(other for other in around if place in reached.get(other, ())))
        for place, around in reached.items()
        if place in around
    }
    return sorted(map(list, groups))


def _reached(arrows: Arrows, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        place = waiting.pop()
        if place not in reached:
            reached.add(place)
            waiting += arrows.get(place, ())
    return reached


def zoomed(arrows: Arrows, folder: str) -> dict[str, set[str]]:
    """Return the arrows between the places directly within one folder."""
    seen: dict[str, set[str]] = {}
    for module, imported in arrows.items():
        if place := _place(module, folder):
            others = {_place(name, folder) for name in imported} - {place, ""}
            seen.setdefault(place, set()).update(others)
    return seen


def _place(module: str, folder: str) -> str:
    """Return the module or sub-folder of a folder that a module lies in, or ""."""
    prefix = f"{folder}." if folder else ""
    if not module.startswith(prefix):
        return ""
    return prefix + module.removeprefix(prefix).partition(".")[0]


def folders_of(modules: Iterable[str]) -> set[str]:
    """Return every folder above some modules; the top is ""."""
    parts = [module.split(".") for module in modules]
    return {".".join(p[:depth]) for p in parts for depth in range(len(p))}
