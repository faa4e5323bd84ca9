"""Read a file from git, as it was at a revision.

    content = read_at_revision(root, PurePosixPath("billing/pricing.py"), "4f2a91c")

git only prints one object: that runs no hook, filter, pager, network access or shell.
The result is None if git, the revision or the file is missing.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path, PurePosixPath

TIMEOUT_SECONDS = 5.0
_REVISION = re.compile(r"[0-9a-fA-F]{7,64}")


def is_revision(text: str) -> bool:
    """Return whether a text can name a commit: hexadecimal, so never an option."""
    return _REVISION.fullmatch(text) is not None


def read_at_revision(
    root: Path, relative: PurePosixPath, revision: str
) -> bytes | None:
    """Return the content of a file below `root` at a revision."""
    if not is_revision(revision):
        return None
    prefix = _git(root, "rev-parse", "--show-prefix")
    if prefix is None:
        return None
    below_top = prefix.decode(errors="surrogateescape").rstrip("\n") + str(relative)
    return _git(root, "cat-file", "blob", f"{revision}:{below_top}")


def is_made_from(root: Path, revision: str) -> bool:
    """Return whether a folder without git holds the files of this revision.

    A container image has the files of one commit and no history; its file `REVISION`
    names the commit.
    """
    file = root / "REVISION"
    return file.is_file() and file.read_text().strip() == revision


def _git(root: Path, *arguments: str) -> bytes | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        process = subprocess.run(  # noqa: S603 - a fixed program, no shell, checked words
            [git, "-C", str(root), *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None
    return process.stdout if process.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Return the environment without GIT_DIR and the like: they name a repository."""
    variables = os.environ.items()
    others = {key: text for key, text in variables if not key.startswith("GIT_")}
    return others | {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
