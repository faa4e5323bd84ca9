"""The page's files: self-contained, allowed by the strict policy, each a short read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "tracing_starter_kit" / "viewer" / "page"
OURS = [
    path
    for path in sorted(PAGE.rglob("*"))
    if path.is_file() and "vendor" not in path.parts
]
SCRIPTS = [path for path in OURS if path.suffix == ".js"]
VENDORED = sorted((PAGE / "vendor").rglob("*.mjs"))
# Names of XML vocabularies look like addresses, but nothing is fetched from them.
VOCABULARIES = re.compile(
    r"http://www\.w3\.org/(?:2000/svg|1998/Math/MathML|1999/xhtml)"
)
LOOPBACK = re.compile(r"https?://127\.0\.0\.1")
ADDRESS = re.compile(r"(?:https?:|wss?:|[\"'(]\s*)//[\w.-]+")
IMPORT = re.compile(r"""(?:from|import)\s*\(?\s*["']([^"']+)["']""")
# JSDoc imports types, which a browser never loads.
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
INSERTS_HTML = re.compile(
    r"dangerouslySetInnerHTML|innerHTML|outerHTML|insertAdjacentHTML"
)
MAX_LINES = 200
# A view may import the shared parts, a shared part no view, and no view another one.
VIEWS = {"list", "trace"}


def name(path: Path) -> str:
    return path.relative_to(PAGE).as_posix()


def imports(path: Path) -> list[str]:
    """Return the addresses that a browser loads for a module."""
    return IMPORT.findall(BLOCK_COMMENT.sub("", path.read_text()))


@pytest.mark.parametrize("path", [*OURS, *VENDORED], ids=name)
def test_no_file_refers_to_another_host(path: Path) -> None:
    text = LOOPBACK.sub("", VOCABULARIES.sub("", path.read_text()))

    assert ADDRESS.findall(text) == []


@pytest.mark.parametrize("path", [*SCRIPTS, *VENDORED], ids=name)
def test_every_import_is_a_file_of_the_page(path: Path) -> None:
    missing = [name for name in imports(path) if not (path.parent / name).is_file()]

    assert missing == []


def test_every_address_in_the_document_is_a_file_of_the_page() -> None:
    document = (PAGE / "index.html").read_text()
    addresses = re.findall(r'(?:href|src)="/static/([^"]+)"', document)

    assert len(addresses) == len(re.findall(r'(?:href|src)="', document)) > 0
    assert [name for name in addresses if not (PAGE / name).is_file()] == []


def test_the_document_has_no_inline_script_or_style() -> None:
    text = (PAGE / "index.html").read_text()

    assert not re.search(r"<style|style=|<script(?![^>]*\bsrc=)|\son\w+=", text)


def test_html_is_inserted_in_one_place_only() -> None:
    places = [
        name(path) for path in SCRIPTS for _ in INSERTS_HTML.findall(path.read_text())
    ]

    assert places == ["trace/source_pane.js"]


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_script_opens_with_its_purpose_and_fits_a_few_screens(path: Path) -> None:
    lines = path.read_text().splitlines()

    assert lines[0].startswith("// ")
    assert len(lines) <= MAX_LINES


def test_every_module_is_reached_from_the_first_one() -> None:
    reached: set[Path] = set()
    waiting = [PAGE / "app.js"]
    while waiting:
        path = waiting.pop()
        reached.add(path)
        targets = {(path.parent / name).resolve() for name in imports(path)}
        waiting += {path for path in targets if path.suffix == ".js"} - reached

    assert set(SCRIPTS) - reached == {PAGE / "first_paint.js"}


@pytest.mark.parametrize("path", SCRIPTS, ids=name)
def test_a_view_is_imported_by_the_first_module_and_by_itself(path: Path) -> None:
    targets = [(path.parent / name).resolve().parent.name for name in imports(path)]
    own = {path.parent.name}
    may_import = VIEWS if path.name == "app.js" else VIEWS & own

    assert {folder for folder in targets if folder in VIEWS} <= may_import
