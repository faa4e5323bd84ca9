"""`kit workshop bundle`: the kit and its packages, for a room without network.

    bundle_command(Path("tracing-workshop-bundle"), pythons=["3.12"], platforms=[])

The folder holds the kit's files as git tracks them, the wheels, and `install.py`, which
installs from the wheels and needs only Python.
Needs pip and git, and the network on the machine that makes the bundle.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tracing_starter_kit.installation import CHECKOUT
from tracing_starter_kit.workshop.learner_folder import FolderError


def bundle_command(
    folder: Path,
    *,
    pythons: Sequence[str] = (),
    platforms: Sequence[str] = (),
    zipped: bool = False,
) -> int:
    """Make the bundle, and print how to use it.

    Args:
        folder: The bundle's folder, which must not exist yet.
        pythons: Versions such as "3.12"; default: the running one.
        platforms: pip's names, such as "macosx_11_0_arm64"; default: this machine's.
        zipped: Also write a zip file beside the folder.

    Raises:
        FolderError: The folder exists, or git or pip failed.
    """
    if CHECKOUT is None:
        raise FolderError(
            "The kit is an installed package, and a bundle needs a git checkout: clone "
            "the kit's repository, and run `.venv/bin/kit workshop bundle` there."
        )
    folder = folder.resolve()
    if folder.exists():
        raise FolderError(
            f"{folder} already exists: name another folder, or remove this one."
        )
    _copy_kit(CHECKOUT, folder / "kit")
    lock = CHECKOUT / "requirements.lock"
    targets = _download(lock, folder / "wheels", pythons, platforms)
    (folder / "wheels" / "MADE_FOR.txt").write_text("\n".join(targets) + "\n")
    shutil.copy(CHECKOUT / "scripts" / "install_offline.py", folder / "install.py")
    print(f"{folder} holds the kit, and wheels for {', '.join(targets)}.")
    if zipped:
        print(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    print("Copy it to each learner's machine. Install it there:  python3 install.py")
    return 0


def _copy_kit(checkout: Path, target: Path) -> None:
    """Copy the files that git tracks, in their present state."""
    listing = _run(
        ["git", "-C", checkout, "ls-files", "-z"],
        "git cannot list the kit's files, so no bundle can be made here",
    )
    for name in filter(None, listing.split("\0")):
        if (checkout / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, target / name)


def _download(
    lock: Path, wheels: Path, pythons: Sequence[str], platforms: Sequence[str]
) -> list[str]:
    """Fetch the wheels of every combination; return the combinations' names."""
    own_version = "{}.{}".format(*sys.version_info)
    targets = [(p, s) for p in pythons or [own_version] for s in platforms or [""]]
    return [_download_one(lock, wheels, *target) for target in targets]


def _download_one(lock: Path, wheels: Path, python: str, platform: str) -> str:
    name = f"Python {python} on {platform or sys.platform}"
    print(f"Fetching wheels for {name} …", flush=True)
    command = [sys.executable, "-m", "pip", "download", "--quiet"]
    command += ["--disable-pip-version-check", "--require-hashes"]
    command += ["--only-binary", ":all:", "--dest", str(wheels)]
    command += ["--python-version", python]
    command += ["--platform", platform] if platform else []
    _run([*command, "-r", lock], f"pip cannot download the wheels for {name}")
    return name


def _run(command: Sequence[str | Path], complaint: str) -> str:
    result = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no reason printed"])[-1]
        raise FolderError(f"{complaint}: {last}")
    return result.stdout
