"""Set up `.venv`: make it, install the lock files, and the `kit` command.

    python3 scripts/install.py requirements.lock [requirements-dev.lock ...]

Needs nothing but Python 3.11 or newer. It skips lock files that are installed already.
After an interruption, run it again.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
PROGRESS = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([\w.-]+)")


def main() -> None:
    """Install the lock files of the command line into `.venv`."""
    if sys.version_info < OLDEST:
        version = ".".join(map(str, sys.version_info[:3]))
        sys.exit(
            f"Python 3.11 or newer is needed, {sys.executable} is {version}. "
            "Name a newer one: make demo PYTHON=python3.12"
        )
    locks = [ROOT / name for name in sys.argv[1:]]
    missing = [lock for lock in locks if not is_installed(lock)]
    if not missing:
        return
    make_environment()
    for lock in missing:
        install(lock)
    install_kit()
    for lock in missing:
        stamp(lock).write_text(fingerprint(lock))


def is_installed(lock: Path) -> bool:
    """Tell whether this version of a lock file was installed completely."""
    return stamp(lock).exists() and stamp(lock).read_text() == fingerprint(lock)


def stamp(lock: Path) -> Path:
    """Return the file with the fingerprint of an installed lock file."""
    return VENV / f"{lock.name}.installed"


def fingerprint(lock: Path) -> str:
    """Return a hash of the lock file, the project file and the folder."""
    content = lock.read_bytes() + (ROOT / "pyproject.toml").read_bytes()
    return hashlib.sha256(content + str(ROOT).encode()).hexdigest()


def make_environment() -> None:
    """Make the virtual environment, unless a working one exists, of any Python."""
    probe = f"import pip, sys; sys.exit(sys.version_info < {OLDEST})"
    config = VENV / "pyvenv.cfg"
    # The scripts of a moved environment name the old folder.
    is_in_place = config.exists() and f"{VENV}\n" in config.read_text()
    works = (
        is_in_place
        and not subprocess.run(
            [PYTHON, "-c", probe], capture_output=True, check=False
        ).returncode
    )
    if not works:
        print(f"Making .venv with Python {sys.version.split()[0]} …", flush=True)
        run(
            [sys.executable, "-m", "venv", "--clear", VENV],
            "On Debian or Ubuntu, python3-venv may be missing.",
        )


def install(lock: Path) -> None:
    """Install a lock file with its hashes checked; show progress for each package."""
    total = len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE))
    print(f"Installing {lock.name} ({total} packages) …", flush=True)
    run(
        [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--require-hashes",
            "--requirement",
            lock,
        ],
        "Is the package index reachable? Then run the same command again.",
        total=total,
    )


def install_kit() -> None:
    """Install the `kit` command, which runs the code of this folder."""
    run(
        [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--disable-pip-version-check",
            "--no-deps",
            "--no-build-isolation",
            "--quiet",
            "--editable",
            ROOT,
        ],
        "Run the same command again.",
    )


def run(command: list[str | Path], advice: str, *, total: int = 0) -> None:
    """Run a command; show progress, and its last output only if it fails."""
    output: list[str] = []
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=ROOT,
        text=True,
        encoding="utf-8",
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    count = 0
    for line in process.stdout or ():
        output.append(line)
        if match := PROGRESS.match(line):
            count += 1
            show(f"  {count}/{total} {match[1]}")
        elif line.startswith("Installing collected"):
            show("  unpacking …")
    if total:
        show("", end="\r")
    if process.wait():
        print("".join(output[-40:]), file=sys.stderr)
        sys.exit(f"{' '.join(map(str, command[:4]))} … failed. {advice}")


def show(text: str, end: str = "") -> None:
    """Overwrite the line of progress, if the output is a terminal."""
    if sys.stdout.isatty():
        print(f"\r\x1b[K{text}", end=end, flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nInterrupted: run the same command again to continue.")
