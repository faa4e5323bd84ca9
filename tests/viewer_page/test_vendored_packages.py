"""The page's libraries: as published, with their licences, and nothing more."""

from __future__ import annotations

import hashlib
import json

import pytest

from tests.viewer_page.test_page_files import PAGE

VENDOR = PAGE / "vendor"
PACKAGES = json.loads((VENDOR / "manifest.json").read_text())["packages"]
FILES = {file["path"]: file for package in PACKAGES for file in package["files"]}
LICENCE_TEXTS = {
    "MIT": "Permission is hereby granted",
    "Apache-2.0": "Apache License",
}


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_the_manifest_lists_exactly_the_files_that_are_there() -> None:
    paths = {
        path.relative_to(VENDOR).as_posix()
        for path in VENDOR.rglob("*")
        if path.is_file()
    }

    assert paths == {*FILES, "manifest.json"}


@pytest.mark.parametrize("path", FILES)
def test_a_file_is_unchanged_since_it_was_vendored(path: str) -> None:
    assert sha256((VENDOR / path).read_bytes()) == FILES[path]["sha256"]


@pytest.mark.parametrize("path", FILES)
def test_without_the_listed_edits_a_file_is_the_published_one(path: str) -> None:
    text = (VENDOR / path).read_text()
    for published, vendored in reversed(FILES[path].get("edits", [])):
        text = text.replace(vendored, published)

    assert sha256(text.encode()) == FILES[path]["published_sha256"]


@pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package["name"])
def test_every_package_carries_its_licence(package: dict[str, str]) -> None:
    folder = VENDOR / f"{package['name']}@{package['version']}"

    assert LICENCE_TEXTS[package["licence"]] in (folder / "LICENSE").read_text()


def test_the_manifest_holds_no_address() -> None:
    assert "://" not in (VENDOR / "manifest.json").read_text()
