"""Write the lock files from pyproject.toml: names, versions and hashes, and no address.

    python scripts/lock.py [--upgrade]

Versions that the files already hold stay, unless `--upgrade` is given. Needs `uv` on
the PATH.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MAIN = ROOT / "requirements.lock"
# `make demo` installs all programs, and the builder of the `kit` command.
DEMO = ["--extra", "demo", "--group", "checkout"]
# The peers are installed alone, the other groups beside the project.
BESIDE = ["--constraint", str(MAIN)]
GROUPS = {"dev": BESIDE, "browser": BESIDE, "page": BESIDE, "peers": []}
OPTIONS = (
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--quiet",
)


def main() -> None:
    """Lock the project, then each group beside it."""
    parser = argparse.ArgumentParser(description="Write the lock files.")
    parser.add_argument("--upgrade", action="store_true", help="take newer versions")
    upgrade = ["--upgrade"] if parser.parse_args().upgrade else []
    if not shutil.which("uv"):
        sys.exit("uv is not on the PATH: install it with pipx install uv.")
    lock(MAIN, ["pyproject.toml", *DEMO, *upgrade])
    for group, beside in GROUPS.items():
        lock(ROOT / f"requirements-{group}.lock", ["--group", group, *beside, *upgrade])


def lock(target: Path, options: list[str]) -> None:
    """Write one lock file; uv keeps the versions that it finds in the old one."""
    command = ["uv", "pip", "compile", *OPTIONS, *options]
    subprocess.run([*command, "--output-file", target], cwd=ROOT, check=True)
    packages = sum("==" in line for line in target.read_text().splitlines())
    print(f"{target.name}: {packages} packages")


if __name__ == "__main__":
    main()
