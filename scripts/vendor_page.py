"""Fetch the page's few libraries and put them into the page's folder `vendor`.

    python -m scripts.vendor_page

Run by hand when a version changes, never by a build; needs npm. A published module
imports its siblings by bare name ("preact"), which a browser resolves only with an
import map, and an import map has to be an inline script, which
`Content-Security-Policy: default-src 'self'` forbids. So bare names become relative
paths. `manifest.json` lists every such edit with the checksums before and after:
`tests/viewer_page` undoes the edits and compares.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.npm_packages import NpmPackage, unpack

VENDOR = (
    Path(__file__).parent.parent / "tracing_starter_kit" / "viewer" / "page" / "vendor"
)


@dataclass(frozen=True)
class Library(NpmPackage):
    """A package whose licence and modules are copied."""

    licence: str
    modules: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Name its folder: the version in the path lets a browser cache it for good."""
        return self.spec


LIBRARIES = (
    Library(
        "preact",
        "11.2.0",
        "/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0n"
        "P7dqDU9OnLxMPZ7xBg==",
        licence="MIT",
        modules=("dist/preact.mjs", "hooks/dist/hooks.mjs"),
    ),
    Library(
        "htm",
        "3.1.1",
        "983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfd"
        "nDmTFoNKcg5DGAvxNQ==",
        licence="Apache-2.0",
        modules=("dist/htm.mjs",),
    ),
    Library(
        "@preact/signals-core",
        "1.14.5",
        "vcRv7Ityz5JVmeiVqIluLFzT/PDS/AlhHUpw3/aUWqcVUs6bDGIPXE/6RSC4evBNWYvn"
        "niozg5Syfj33al3gkg==",
        licence="MIT",
        modules=("dist/signals-core.mjs",),
    ),
    Library(
        "@preact/signals",
        "2.11.4",
        "Rb+5RPo9gWSaHtzJeauhHxiC8KP/IF2DEPkHPEOGOnuy2wnJzRqyeLRankUCYd6ADqtx"
        "S6GnWGv6Ie343d8aYw==",
        licence="MIT",
        modules=("dist/signals.mjs",),
    ),
)

# The bare names that the modules above import, each with its package and file.
BARE_IMPORTS = {
    "preact": ("preact", "preact.mjs"),
    "preact/hooks": ("preact", "hooks.mjs"),
    "@preact/signals-core": ("@preact/signals-core", "signals-core.mjs"),
}


def main() -> None:
    """Replace the vendor folder with freshly downloaded, checked packages."""
    with tempfile.TemporaryDirectory() as scratch:
        folders = [unpack(library, Path(scratch)) for library in LIBRARIES]
        shutil.rmtree(VENDOR, ignore_errors=True)
        entries = list(map(vendor, LIBRARIES, folders))
    manifest = json.dumps({"packages": entries}, indent=2)
    (VENDOR / "manifest.json").write_text(manifest + "\n")
    print(f"{VENDOR}: {', '.join(library.spec for library in LIBRARIES)}")


def vendor(library: Library, root: Path) -> dict[str, object]:
    """Copy one unpacked library and return its entry of the manifest."""
    files = [write_module(library, root, name) for name in library.modules]
    licence = (root / "LICENSE").read_bytes()
    (VENDOR / library.folder / "LICENSE").write_bytes(licence)
    files.append(file_entry(f"{library.folder}/LICENSE", "LICENSE", licence, licence))
    return {
        "name": library.name,
        "version": library.version,
        "licence": library.licence,
        "archive_sha512": library.sha512,
        "files": files,
    }


def write_module(library: Library, root: Path, published: str) -> dict[str, object]:
    """Copy one module with its imports resolved."""
    before = (root / published).read_text()
    path = f"{library.folder}/{Path(published).name}"
    edits = [edit for edit in possible_edits(path) if edit[0] in before]
    after = before
    for old, new in edits:
        after = after.replace(old, new)
    target = VENDOR / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(after.encode())
    entry = file_entry(path, published, before.encode(), after.encode())
    return {**entry, "edits": edits}


def possible_edits(path: str) -> list[tuple[str, str]]:
    """List the replacements: bare imports, and the source maps, which stay away."""
    up = "../" * path.count("/")
    folders = {library.name: library.folder for library in LIBRARIES}
    imports = [
        (f'from"{name}"', f'from"{up}{folders[package]}/{file}"')
        for name, (package, file) in BARE_IMPORTS.items()
    ]
    return [*imports, ("//# sourceMappingURL=", "// The map is not vendored: ")]


def file_entry(
    path: str, published: str, before: bytes, after: bytes
) -> dict[str, object]:
    """Describe one file: its origin, and its checksums before and after the edits."""
    return {
        "path": path,
        "published": published,
        "published_sha256": hashlib.sha256(before).hexdigest(),
        "sha256": hashlib.sha256(after).hexdigest(),
    }


if __name__ == "__main__":
    main()
