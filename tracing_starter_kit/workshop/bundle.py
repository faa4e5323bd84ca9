"""`kit workshop bundle`: the kit and its packages, for a room without network.

    bundle_command(Path("tracing-workshop-bundle"), pythons=["3.12"], platforms=[])

The folder holds the kit as it lies here (what git tracks), a folder of wheels, and
`install.py`, which needs nothing but Python and installs from those wheels alone.
Needs pip and git, and the network once, on the machine that makes it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tracing_starter_kit.installation import CHECKOUT
from tracing_starter_kit.workshop.folder import FolderError


def bundle_command(
    folder: Path,
    *,
    pythons: Sequence[str] = (),
    platforms: Sequence[str] = (),
    zipped: bool = False,
) -> int:
    """Make the bundle and say how it is used.

    Args:
        folder: Is made, and must not be there yet.
        pythons: Versions such as "3.12"; default: the one that runs this.
        platforms: pip's names, such as "macosx_11_0_arm64"; default: this machine's.
        zipped: Also write a zip file beside the folder.

    Raises:
        FolderError: The folder is there, or something could not be had.
    """
    if CHECKOUT is None:
        raise FolderError(
            "A bundle is made from a git checkout of the kit, and this is an installed "
            "package: clone the kit's repository, then run `kit workshop bundle` there."
        )
    folder = folder.resolve()
    if folder.exists():
        raise FolderError(f"{folder} is there already: name another, or remove it.")
    _copy_kit(CHECKOUT, folder / "kit")
    lock = CHECKOUT / "requirements.lock"
    made_for = _download(lock, folder / "wheels", pythons, platforms)
    (folder / "wheels" / "MADE_FOR.txt").write_text("\n".join(made_for) + "\n")
    shutil.copy(CHECKOUT / "scripts" / "install_offline.py", folder / "install.py")
    print(f"{folder}: the kit, and wheels for {', '.join(made_for)}.")
    if zipped:
        print(shutil.make_archive(str(folder), "zip", folder.parent, folder.name))
    print("Give it to each learner; there it is installed by  python3 install.py")
    return 0


def _copy_kit(checkout: Path, target: Path) -> None:
    """Copy what git tracks, as it lies here, and no more."""
    listing = _run(
        ["git", "-C", checkout, "ls-files", "-z"],
        "A bundle is made from a git checkout of the kit",
    )
    for name in filter(None, listing.split("\0")):
        if (checkout / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(checkout / name, target / name)


def _download(
    lock: Path, wheels: Path, pythons: Sequence[str], platforms: Sequence[str]
) -> list[str]:
    """Fetch the wheels of every combination; return the combinations' names."""
    own = "{}.{}".format(*sys.version_info)
    made_for = []
    for python in pythons or [own]:
        for platform in platforms or [""]:
            other = ["--python-version", python]
            other += ["--platform", platform] if platform else []
            name = f"Python {python} on {platform or sys.platform}"
            print(f"Fetching wheels for {name} …", flush=True)
            command = [sys.executable, "-m", "pip", "download", "--quiet"]
            command += ["--disable-pip-version-check", "--require-hashes"]
            command += ["--only-binary", ":all:", "--dest", str(wheels), *other]
            _run([*command, "-r", lock], f"The wheels for {name} cannot be had")
            made_for.append(name)
    return made_for


def _run(command: Sequence[str | Path], complaint: str) -> str:
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise FolderError(f"{complaint}: {last}")
    return done.stdout
