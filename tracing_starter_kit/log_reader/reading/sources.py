"""The sources of lines: files, plain, compressed or rotated, and standard input.

    for source in open_sources(["app.log", "old.log.gz"], rotated=True):
        for number, raw in source.lines():
            ...

A line has at most `LONGEST` bytes: each piece of a longer line counts as a line.
"""

from __future__ import annotations

import bz2
import contextlib
import gzip
import io
import lzma
import os
import re
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tracing_starter_kit.log_reader.errors import LogReaderError

STDIN = "-"
LONGEST = 256 << 10
# The suffix of a rotated file: 2, 20261122, 2026-11-22, 2026-11-22_08-30.
ROTATED = r"\d{4}-\d\d-\d\d(?:[_-]\d\d){0,3}|\d+"
COMPRESSION = r"(?:\.(?:gz|bz2|xz))?"
SUFFIXES = re.compile(rf"(?:[.-](?:{ROTATED}))?{COMPRESSION}\Z")
# The first bytes decide, not the name.
COMPRESSED = re.compile(
    rb"(?P<gz>\x1f\x8b\x08)|(?P<bz2>BZh[1-9]1AY&SY)|(?P<xz>\xfd7zXZ\x00)"
)
OPENERS: dict[str, Callable[[io.BufferedReader], Any]] = {
    "gz": lambda file: gzip.GzipFile(fileobj=file),
    "bz2": bz2.BZ2File,
    "xz": lzma.LZMAFile,
}
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)


@dataclass(frozen=True)
class Source:
    """A file of lines, or standard input.

    Attributes:
        path: The path that the user wrote; `-` is standard input.
        modified_ns: The time of the last change.
        stream: Read in place of the file, for standard input.
    """

    path: str
    modified_ns: int
    stream: io.BufferedReader | None = None

    @property
    def display_name(self) -> str:
        r"""The path as valid text; bytes that are not UTF-8 become `\xff`."""
        name = self.path.encode("utf-8", "surrogateescape")
        return name.decode("utf-8", "backslashreplace")

    @property
    def name(self) -> str:
        """The name without number and endings: `app` for app.log.2.gz."""
        if self.path == STDIN:
            return "stdin"
        name = SUFFIXES.sub("", Path(self.display_name).name)
        return name.removesuffix(".log").removesuffix(".jsonl") or name

    def lines(self) -> Iterator[tuple[int, bytes]]:
        """Yield each line with its number, from 1, and with its line end.

        Raises:
            LogReaderError: The file cannot be read, or its compression is broken.
        """
        try:
            with self._open() as stream:
                yield from enumerate(iter(lambda: stream.readline(LONGEST), b""), 1)
        except BROKEN as error:
            reason = getattr(error, "strerror", None) or error
            raise LogReaderError(
                f"{self.path} cannot be read to its end: {reason}. Unpack as much as "
                "possible of it, and read the result."
            ) from None

    @contextlib.contextmanager
    def _open(self) -> Iterator[Any]:
        plain = self.stream or io.BufferedReader(io.FileIO(self.path), 1 << 20)
        with plain:
            match = COMPRESSED.match(plain.peek(10))
            if match is None:
                yield plain
            else:
                with OPENERS[str(match.lastgroup)](plain) as unpacked:
                    yield io.BufferedReader(unpacked, 1 << 20)


def open_sources(
    paths: Sequence[str],
    *,
    rotated: bool = False,
    stdin: io.BufferedReader | None = None,
) -> list[Source]:
    """Return the sources, checked to be readable.

    Args:
        paths: Files; `-`, or an empty sequence, is standard input.
        rotated: Include the rotated files of each file: app.log.1, app.log.2.gz,
            app.log.2026-11-22.
        stdin: Read for `-`, in place of this process's standard input.

    Raises:
        LogReaderError: A file cannot be read.
    """
    sources = [_source(path, stdin) for path in paths or [STDIN]]
    if not rotated:
        return sources
    older = [_source(str(p), None) for s in sources for p in rotations(Path(s.path))]
    return [*dict.fromkeys([*older, *sources])]


def rotations(path: Path) -> list[Path]:
    """Return the rotated files of a log, the oldest first."""
    pattern = re.compile(rf"{re.escape(path.name)}[.-]({ROTATED}){COMPRESSION}")
    ages = {
        file: _age(match[1])
        for file in path.parent.iterdir()
        if (match := pattern.fullmatch(file.name))
    }
    return sorted(ages, key=lambda file: (ages[file], file.name))


def _age(suffix: str) -> tuple[bool, int, str]:
    """Return a sort key, the smallest for the oldest file.

    A number grows with the age of its file, a date does not.
    """
    digits = suffix.replace("-", "").replace("_", "")
    is_date = len(digits.lstrip("0")) >= len("20261122")
    return (False, 0, digits) if is_date else (True, -int(digits), "")


def _source(path: str, stdin: io.BufferedReader | None) -> Source:
    if path == STDIN:
        return Source(path, time.time_ns(), stdin or os.fdopen(0, "rb", closefd=False))
    file = Path(path)
    if file.is_dir():
        raise LogReaderError(
            f"{path} is a folder: name the files in it, as {path.rstrip('/')}/*.log."
        )
    try:
        file.open("rb").close()
        modified_ns = file.stat().st_mtime_ns
    except OSError as error:
        raise LogReaderError(
            f"{path} cannot be read: {error.strerror}. Give the path of a log file, "
            "or - for standard input."
        ) from None
    return Source(path, modified_ns)
