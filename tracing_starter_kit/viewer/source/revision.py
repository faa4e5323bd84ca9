"""Text from git: a file as it was at a revision.

    text = read_at_revision(root, "billing/pricing.py", "4f2a…")

Git is only asked for the content of one object: no hook, filter, pager or network has
a part in that, and no shell. None means that git or the revision is not there.
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
    """Whether this can name a commit: hex, and nothing that git could misread."""
    return _REVISION.fullmatch(text) is not None


def read_at_revision(
    root: Path, relative: PurePosixPath, revision: str
) -> bytes | None:
    """Return a file below root as the revision has it."""
    if not is_revision(revision):
        return None
    prefix = _git(root, "rev-parse", "--show-prefix")
    if prefix is None:
        return None
    below_top = prefix.decode(errors="surrogateescape").rstrip("\n") + str(relative)
    return _git(root, "cat-file", "blob", f"{revision}:{below_top}")


def is_made_from(root: Path, revision: str) -> bool:
    """Tell whether a folder without git says that it holds this very revision.

    A container image has the files of one commit and no history: its file `REVISION`
    names the commit.
    """
    file = root / "REVISION"
    return file.is_file() and file.read_text().strip() == revision


def _git(root: Path, *arguments: str) -> bytes | None:
    git = shutil.which("git")
    if git is None:
        return None
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program, no shell, checked words
            [git, "-C", str(root), *arguments],
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None


def _environment() -> dict[str, str]:
    """Leave out GIT_DIR and the like, which mean another repository than root's."""
    kept = {key: text for key, text in os.environ.items() if not key.startswith("GIT_")}
    return kept | {"GIT_NO_LAZY_FETCH": "1", "GIT_OPTIONAL_LOCKS": "0"}
