"""Finds circles of imports, between modules and between folders.

    circles({"a": {"b"}, "b": {"a"}})      # [["a", "b"]]
    zoomed(imports, "viewer.store")        # {"viewer.store.rows": {…}, …}

The places of a folder are its modules and sub-folders. An import between modules deep
within two places is an arrow between the places.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

Arrows = Mapping[str, Iterable[str]]


def circles(arrows: Arrows) -> list[list[str]]:
    """Return the groups of places that reach each other, of any length, sorted."""
    reach = {place: _reachable(arrows, place) for place in arrows}
    groups = {
        tuple(sorted(other for other in places if place in reach.get(other, ())))
        for place, places in reach.items()
        if place in places
    }
    return sorted(map(list, groups))


def _reachable(arrows: Arrows, start: str) -> set[str]:
    places: set[str] = set()
    waiting = list(arrows[start])
    while waiting:
        place = waiting.pop()
        if place not in places:
            places.add(place)
            waiting += arrows.get(place, ())
    return places


def zoomed(arrows: Arrows, folder: str) -> dict[str, set[str]]:
    """Return the arrows between the places of one folder."""
    zoomed_arrows: dict[str, set[str]] = {}
    for module, imports in arrows.items():
        if place := _place(module, folder):
            others = {_place(name, folder) for name in imports} - {place, ""}
            zoomed_arrows.setdefault(place, set()).update(others)
    return zoomed_arrows


def _place(module: str, folder: str) -> str:
    """Return the place of a folder that a module belongs to, or ""."""
    prefix = f"{folder}." if folder else ""
    if not module.startswith(prefix):
        return ""
    return prefix + module.removeprefix(prefix).partition(".")[0]


def folders_of(modules: Iterable[str]) -> set[str]:
    """Return every folder above some modules; the top is ""."""
    paths = [module.split(".") for module in modules]
    return {".".join(path[:depth]) for path in paths for depth in range(len(path))}
