"""Text files of the user, read and written so that an interruption loses nothing.

    text = read_text(path)
    write_text(path, text)

Line ends stay as they are in the file: a checkout on Windows may have CRLF.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
from pathlib import Path

from tracing_starter_kit.kit.helpers.errors import HelpersError


def read_text(path: Path) -> str:
    r"""Return the text of a file, with `\n` between its lines.

    Raises:
        HelpersError: It is not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise HelpersError(f"{path} is not UTF-8: save it as UTF-8 first.") from None


def lines_of(text: str) -> list[str]:
    """Return the lines with their ends; unlike `splitlines`, a form feed is no end."""
    return list(io.StringIO(text))


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all; a symbolic link stays one."""
    target = path.resolve()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.new")
    try:
        with draft.open("w", encoding="utf-8", newline=_line_end(target)) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            shutil.copymode(target, draft)
        draft.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink()
        raise


def _line_end(path: Path) -> str:
    if not path.exists():
        return "\n"
    with path.open("rb") as file:
        return "\r\n" if file.readline().endswith(b"\r\n") else "\n"
