"""The page's files: self-contained, allowed by the strict policy, each a short read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "tracing_starter_kit" / "viewer" / "page"
OWN = [
    path
    for path in sorted(PAGE.rglob("*"))
    if path.is_file() and "vendor" not in path.parts
]
SCRIPTS = [path for path in OWN if path.suffix == ".js"]
MODULES = [path for path in SCRIPTS if path.name != "first_paint.js"]
SERVED = [*OWN, *(PAGE / "vendor").rglob("*.mjs")]
# Names of XML vocabularies look like addresses, but nothing is fetched from them.
VOCABULARIES = re.compile(
    r"http://www\.w3\.org/(?:2000/svg|1998/Math/MathML|1999/xhtml)"
)
LOOPBACK = re.compile(r"https?://127\.0\.0\.1")
ADDRESS = re.compile(r"(?:https?:|wss?:|[\"'(]\s*)//[\w.-]+")
MOST_LINES = 200


def name(path: Path) -> str:
    return path.relative_to(PAGE).as_posix()


@pytest.mark.parametrize("path", SERVED, ids=name)
def test_nothing_refers_to_another_host(path: Path) -> None:
    text = LOOPBACK.sub("", VOCABULARIES.sub("", path.read_text()))

    assert ADDRESS.findall(text) == []


@pytest.mark.parametrize("path", SERVED, ids=name)
def test_every_import_is_a_file_of_the_page(path: Path) -> None:
    imports = re.findall(
        r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""", path.read_text()
    )

    assert [name for name in imports if not (path.parent / name).is_file()] == []


def test_every_address_in_the_document_is_a_file_of_the_page() -> None:
    addresses = re.findall(r'(?:href|src)="([^"]+)"', (PAGE / "index.html").read_text())

    assert addresses
    assert [
        a for a in addresses if not (PAGE / a.removeprefix("/static/")).is_file()
    ] == []


def test_the_document_holds_no_inline_script_or_style() -> None:
    text = (PAGE / "index.html").read_text()

    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=", text)


def test_html_is_inserted_in_one_place_only() -> None:
    inserting = re.compile(
        r"dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML"
    )
    users = {path.name: len(inserting.findall(path.read_text())) for path in SCRIPTS}

    assert {name: count for name, count in users.items() if count} == {
        "source_pane.js": 1
    }


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_opens_with_what_it_is_and_fits_a_few_screens(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert lines[0].startswith("// ")
    assert len(lines) <= MOST_LINES


def test_every_module_is_reached_from_the_first_one() -> None:
    reached: set[Path] = set()
    waiting = [PAGE / "app.js"]
    while waiting:
        path = waiting.pop()
        reached.add(path)
        imports = re.findall(
            r'(?:from|import) "(\.{1,2}/[\w./]+\.js)"', path.read_text()
        )
        waiting += {(path.parent / name).resolve() for name in imports} - reached

    assert {p.name for p in MODULES} - {p.name for p in reached} <= {"types.js"}
