"""Check the page's JavaScript: its types with tsc, its style with Biome.

    python -m scripts.check_page [--optional]

Installs the tools into `node_modules` first, unless they are there in this version.
With --optional a tool that cannot be installed is a remark, not a failure: `make test`
goes on without Node, CI does not.
"""

from __future__ import annotations

import argparse
import platform
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.npm_packages import DownloadError, NpmPackage, unpack
from scripts.vendor_page import LIBRARIES

ROOT = Path(__file__).parent.parent
MODULES = ROOT / "node_modules"
TYPESCRIPT = "7.0.2"
BIOME = "2.6.8"
# Both tools are programs of the machine's own kind; they run without Node.
TOOLS = {
    "linux-x64": (
        "EYdf2cNg7rgCWJnxCdJ+F3V39O8ihb37eHAu1LK8oAFizgTQbPOK7zHHXbPt8rX2"
        "4COqODXeI3sIf0fCXG7H/A==",
        "XIk3pLQT56I6Tti+u0DF8FtSNXjCMTPbxVTzfJ9cS2t1ImVKvrqV5b52GuEaJg6/"
        "wuiXvz0sjfb5saB4TPRjzA==",
    ),
    "linux-arm64": (
        "Qh4eU4/y3yDjnfjjyPYihMj5/ODIlmt+Bzu17OI+fiSRDW57QmU5SiN63exPRNJP"
        "KUzcc1INa1NXdrJ+MqHjUQ==",
        "0Bjim8lKwnrvXUHoI4k3Tb51BjoiLEwDnovCI8nSzkk6wj3dShiuAjrx6+X0Hjf4"
        "ejR1sRZgTQiSDHlpy9vB7w==",
    ),
    "darwin-x64": (
        "SZ9xZInqApNlNGc9s0W1VSsktYSOe9cFqNOIqmN1Gs8SmkjKZYFt017G4VwPxASI"
        "nODuAdbTW7sXiFUf893RgA==",
        "QWWUPjlA0RnkkgYnFLUHZu+RrDc0FdK0A+wEPA+dENQJwsuSHMH89lspnAw2QUWW"
        "c9VHyfluGx1Xmp6Y2GZi8Q==",
    ),
    "darwin-arm64": (
        "gowzar9MwS/aRWp6f3a4KUqzRjAZjOsmGNCM6LcTgXum+dBfgsBVMN+AgvOCCbgu"
        "Xyick6LJhpBszxMebJ8syA==",
        "DHyj+JnRHcn4YdvpiqgTFZMYKSPELMCfFpNNlEuu1L8DKTGXhzW7raIwdsbo2Ie9"
        "nCljQLAQkVWQk/mwM0ueiA==",
    ),
}


def main() -> None:
    """Install the tools if need be, run both, and fail if one of them does."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--optional", action="store_true", help="pass without tools")
    optional = parser.parse_args().optional
    try:
        typescript, biome = machine_tools()
        for package in (typescript, biome, *LIBRARIES):
            install(package)
    except DownloadError as error:
        print(f"The page's JavaScript was not checked. {error}")
        sys.exit(0 if optional else 1)
    failures = [
        run(MODULES / typescript.name / "lib" / "tsc", "--project", ROOT),
        run(MODULES / biome.name / "biome", "lint", "--error-on-warnings", ROOT),
    ]
    sys.exit(any(failures))


def machine_tools() -> tuple[NpmPackage, NpmPackage]:
    """Return the packages of tsc and Biome for this machine."""
    machine = platform.machine().lower()
    processor = {"x86_64": "x64", "aarch64": "arm64"}.get(machine, machine)
    kind = f"{sys.platform}-{processor}"
    if kind not in TOOLS:
        raise DownloadError(f"There is no tsc and no Biome listed for {kind}.")
    typescript, biome = TOOLS[kind]
    return (
        NpmPackage(f"@typescript/typescript-{kind}", TYPESCRIPT, typescript),
        NpmPackage(f"@biomejs/cli-{kind}", BIOME, biome),
    )


def install(package: NpmPackage) -> None:
    """Put a package into `node_modules`, unless this version is there."""
    target = MODULES / package.name
    stamp = target / ".installed"
    if stamp.exists() and stamp.read_text() == package.sha512:
        return
    print(f"Installing {package.spec} into node_modules …", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        folder = unpack(package, Path(scratch))
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(folder, target)
    stamp.write_text(package.sha512)


def run(*command: str | Path) -> int:
    """Run a tool in the repository's folder and return its exit code."""
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    main()
