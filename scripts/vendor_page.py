"""Fetch the page's few libraries and put them into the page's folder `vendor`.

Run by hand when a version changes, never by a build: `python scripts/vendor_page.py`.
Needs npm. A published module imports its siblings by bare name ("preact"), which a
browser only resolves with an import map, and an import map has to be an inline
script, which `Content-Security-Policy: default-src 'self'` forbids. So those names
become relative paths. Every such edit is written to `manifest.json` with the checksum
before and after: `tests/viewer_page` undoes the edits and compares.
"""

import base64
import hashlib
import json
import shutil
import subprocess
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path

VENDOR = (
    Path(__file__).parent.parent / "tracing_starter_kit" / "viewer" / "page" / "vendor"
)


@dataclass(frozen=True)
class Package:
    """One package, the checksum of its archive, and the modules that are used."""

    name: str
    version: str
    licence: str
    sha512: str
    files: tuple[str, ...]

    @property
    def folder(self) -> str:
        """Where it lies: the version in the path lets a browser cache it for good."""
        return f"{self.name}@{self.version}"


PACKAGES = (
    Package(
        "preact",
        "11.2.0",
        "MIT",
        "/HfHI/7N84e6GrWBJ3J280z3mLaRJiDcSvj/A+y/4AbLnND/1UlGHe1sR6oYuTGwId0n"
        "P7dqDU9OnLxMPZ7xBg==",
        ("dist/preact.mjs", "hooks/dist/hooks.mjs"),
    ),
    Package(
        "htm",
        "3.1.1",
        "Apache-2.0",
        "983Vyg8NwUE7JkZ6NmOqpCZ+sh1bKv2iYTlUkzlWmA5JD2acKoxd4KVxbMmxX/85mtfd"
        "nDmTFoNKcg5DGAvxNQ==",
        ("dist/htm.mjs",),
    ),
    Package(
        "@preact/signals-core",
        "1.14.5",
        "MIT",
        "vcRv7Ityz5JVmeiVqIluLFzT/PDS/AlhHUpw3/aUWqcVUs6bDGIPXE/6RSC4evBNWYvn"
        "niozg5Syfj33al3gkg==",
        ("dist/signals-core.mjs",),
    ),
    Package(
        "@preact/signals",
        "2.11.4",
        "MIT",
        "Rb+5RPo9gWSaHtzJeauhHxiC8KP/IF2DEPkHPEOGOnuy2wnJzRqyeLRankUCYd6ADqtx"
        "S6GnWGv6Ie343d8aYw==",
        ("dist/signals.mjs",),
    ),
)

# The bare names that the modules above import: package and file each one means.
BARE_IMPORTS = {
    "preact": ("preact", "preact.mjs"),
    "preact/hooks": ("preact", "hooks.mjs"),
    "@preact/signals-core": ("@preact/signals-core", "signals-core.mjs"),
}


def main() -> None:
    """Replace the vendor folder by freshly downloaded, checked packages."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    with tempfile.TemporaryDirectory() as scratch:
        entries = [vendor(package, Path(scratch)) for package in PACKAGES]
    manifest = json.dumps({"packages": entries}, indent=2)
    (VENDOR / "manifest.json").write_text(manifest + "\n")
    print(f"{VENDOR}: {', '.join(package.folder for package in PACKAGES)}")


def vendor(package: Package, scratch: Path) -> dict[str, object]:
    """Lay out one package and return its entry of the manifest."""
    root = unpacked(package, scratch)
    files = [write_module(package, root, name) for name in package.files]
    licence = (root / "LICENSE").read_bytes()
    (VENDOR / package.folder / "LICENSE").write_bytes(licence)
    files.append(described(f"{package.folder}/LICENSE", "LICENSE", licence, licence))
    return {
        "name": package.name,
        "version": package.version,
        "licence": package.licence,
        "archive_sha512": package.sha512,
        "files": files,
    }


def unpacked(package: Package, scratch: Path) -> Path:
    """Download an archive with npm, check it, and unpack it."""
    spec = f"{package.name}@{package.version}"
    command = ["npm", "pack", "--silent", spec]
    packed = subprocess.run(command, cwd=scratch, check=True, capture_output=True)
    archive = scratch / packed.stdout.decode().split()[-1]
    found = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if found != package.sha512:
        raise SystemExit(f"{spec}: the archive's sha512 is {found}, not the one above")
    target = scratch / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def write_module(package: Package, root: Path, published: str) -> dict[str, object]:
    """Copy one module with its imports resolved."""
    before = (root / published).read_text()
    path = f"{package.folder}/{Path(published).name}"
    edits = [edit for edit in possible_edits(path) if edit[0] in before]
    after = before
    for old, new in edits:
        after = after.replace(old, new)
    target = VENDOR / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(after.encode())
    entry = described(path, published, before.encode(), after.encode())
    return {**entry, "edits": edits}


def possible_edits(path: str) -> list[tuple[str, str]]:
    """Bare imports to relative ones; source maps are not vendored, nor asked for."""
    up = "../" * path.count("/")
    folders = {package.name: package.folder for package in PACKAGES}
    imports = [
        (f'from"{name}"', f'from"{up}{folders[package]}/{file}"')
        for name, (package, file) in BARE_IMPORTS.items()
    ]
    return [*imports, ("//# sourceMappingURL=", "// The map is not vendored: ")]


def described(
    path: str, published: str, before: bytes, after: bytes
) -> dict[str, object]:
    """One file's entry: where it came from, its checksums before and after."""
    return {
        "path": path,
        "published": published,
        "published_sha256": hashlib.sha256(before).hexdigest(),
        "sha256": hashlib.sha256(after).hexdigest(),
    }


if __name__ == "__main__":
    main()
