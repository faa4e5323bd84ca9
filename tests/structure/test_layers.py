"""The code's imports, compared with the table in ARCHITECTURE.md."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from tests.structure.architecture import rows_of
from tests.structure.circles import circles, folders_of, zoomed
from tests.structure.modules import (
    ROOT,
    TOOLS,
    files_of,
    module_name,
    our_imports,
    shipped_files,
)

FILES = [*shipped_files(), *files_of(*TOOLS)]
PLACES = re.compile(r"`[\w/*]+`(, `[\w/*]+`)*")
PLACE = re.compile(r"`([\w/*]+)`")


@cache
def table() -> dict[str, tuple[str, ...]]:
    """Return the places of the table, each with the places that it may import."""
    return {
        place: _places(allowed) if allowed != "nothing" else ()
        for places, allowed in rows_of("Who may import whom")
        for place in _places(places)
    }


def _places(cell: str) -> tuple[str, ...]:
    """Return the places of a cell, as modules: `viewer/store` is `viewer.store`."""
    assert PLACES.fullmatch(cell), f"not a list of places: {cell}"
    return tuple(place.replace("/", ".") for place in PLACE.findall(cell))


def lies_under(module: str, place: str) -> bool:
    """Tell whether a module is a place or within it; `a.*` is a module of `a`."""
    if place.endswith(".*"):
        parent = place.removesuffix(".*")
        return module.rpartition(".")[0] == parent and not _is_folder(module)
    return module == place or module.startswith(f"{place}.")


def _is_folder(module: str) -> bool:
    return (ROOT / module.replace(".", "/")).is_dir()


def row_of(module: str) -> str:
    """Return the longest row of the table that a module lies under."""
    return max((p for p in table() if lies_under(module, p)), key=len, default="")


def forbidden(module: str, imported: str) -> bool:
    place = row_of(module)
    allowed = table().get(place, ())
    # A helper is copied alone, without its neighbours.
    own = module if place.startswith("instrumentation") else place
    return not any(lies_under(imported, name) for name in (own, *allowed))


def wrong_imports(file: Path) -> list[str]:
    module = module_name(file)
    return [name for name in our_imports(file) if forbidden(module, name)]


@pytest.mark.parametrize("file", FILES, ids=module_name)
def test_a_module_imports_only_places_of_its_row(file: Path) -> None:
    assert wrong_imports(file) == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("instrumentation.traced", "instrumentation.errors"),
        ("instrumentation.traced", "demo_services.settings"),
        ("instrumentation.tracing_setup", "instrumentation.errors"),
        ("instrumentation.tracing_setup", "demo_services.settings"),
        ("demo_services.billing.orders", "demo_services.payments.charges"),
        ("demo_services.billing.orders", "viewer.store"),
        ("viewer.otlp.protobuf", "viewer.store.store"),
        ("viewer.store.store", "viewer.query.search"),
        ("viewer.receiver.http", "viewer.api.app"),
        ("viewer.query.search", "viewer.api.app"),
        ("viewer.api.app", "kit.cli"),
        ("log_reader.formats.lines", "log_reader.joining.ids"),
        ("log_reader.joining.joiner", "log_reader.sending.file"),
        ("log_reader.pipeline", "viewer.settings"),
        ("traces.spans", "kit.settings"),
        ("workshop.checking.run", "demo_services.settings"),
        ("workshop.checking.run", "viewer.app"),
        ("workshop.commands", "kit.cli"),
        ("workshop.running.child", "workshop.exercise"),
        ("benchmarks.ingest", "kit.cli"),
        ("scripts.install", "kit.settings"),
    ],
)
def test_the_table_forbids(module: str, imported: str) -> None:
    assert forbidden(module, imported)


def test_every_module_has_a_row() -> None:
    assert [name for name in map(module_name, FILES) if not row_of(name)] == []


def test_every_row_is_a_place_that_exists() -> None:
    modules = [module_name(file) for file in FILES]

    assert [p for p in table() if not any(lies_under(m, p) for m in modules)] == []


def test_there_is_no_circle_at_any_level() -> None:
    imports = {module_name(file): our_imports(file) for file in FILES}

    circles_by_folder = {
        folder: groups
        for folder in folders_of(imports)
        if (groups := circles(zoomed(imports, folder)))
    }

    assert circles_by_folder == {}
    assert circles(imports) == []


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        ({"a": ["b"], "b": ["c"], "c": []}, []),
        ({"a": ["b"], "b": ["a"]}, [["a", "b"]]),
        ({"a": ["b"], "b": ["c"], "c": ["d"], "d": ["b"]}, [["b", "c", "d"]]),
    ],
)
def test_circles_of_any_length_are_found(
    arrows: Mapping[str, Sequence[str]], expected: list[list[str]]
) -> None:
    assert circles(arrows) == expected


def test_a_circle_between_folders_is_found_without_a_circle_of_modules() -> None:
    imports = {"a.x.one": ["a.y.one"], "a.y.two": ["a.x.two"]}

    assert circles(zoomed(imports, "a")) == [["a.x", "a.y"]]
