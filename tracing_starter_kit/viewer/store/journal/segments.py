"""The journal's files: numbered segments of records, each with a header and checksums.

A header holds the signal, the item count, the body's length, the body's CRC-32 and its
own. There are two kinds of broken records:

- A torn one at the end: the process was killed during the write. It was never
  acknowledged, so reading stops there without a word.
- A wrong checksum: damage. The segment is copied to `….damaged` and cut before that
  record, and the log says so.
"""

from __future__ import annotations

import logging
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple

log = logging.getLogger(__name__)

Signal = Literal["traces", "logs"]
SIGNALS: tuple[Signal, ...] = ("traces", "logs")
HEADER = struct.Struct("<BIIII")
_CHECKSUM = struct.Struct("<I")
_FIELDS = struct.Struct("<BIII")  # the header without its own checksum


@dataclass(frozen=True, order=True)
class Position:
    """A place in the journal; the first is (0, 0), before every segment."""

    segment: int
    offset: int


@dataclass(frozen=True)
class Record:
    """One request in the journal; `end` is where the next record begins."""

    signal: Signal
    items: int
    body: bytes
    end: Position


class _Header(NamedTuple):
    signal: int
    items: int
    length: int
    checksum: int
    own_checksum: int


def frame(signal: Signal, items: int, body: bytes) -> bytes:
    """Return the header that precedes the body."""
    number, checksum = SIGNALS.index(signal), zlib.crc32(body)
    fields = _FIELDS.pack(number, items, len(body), checksum)
    return fields + _CHECKSUM.pack(zlib.crc32(fields))


class Segments:
    """The folder of segments: the newest is written, the others are only read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def numbers(self) -> list[int]:
        """Return the numbers of the segments, the oldest first."""
        return sorted(int(path.stem) for path in self._folder.glob("[0-9]*.journal"))

    def create(self, number: int) -> FileIO:
        """Open a new segment for writing, and make its name durable."""
        file = self._path(number).open("wb", buffering=0)
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return file

    def remove(self, number: int) -> None:
        """Remove a segment whose records are all in the database."""
        self._path(number).unlink(missing_ok=True)

    def read(self, start: Position, end: Position | None = None) -> Iterator[Record]:
        """Yield a segment's records from `start` to `end`, or to its last whole one."""
        path = self._path(start.segment)
        with path.open("rb") as file:
            offset = file.seek(start.offset)
            try:
                while end is None or offset < end.offset:
                    content = _read_record(file)
                    if content is None:
                        return
                    header, body = content
                    offset = file.tell()
                    position = Position(start.segment, offset)
                    yield Record(SIGNALS[header.signal], header.items, body, position)
            except _DamageError:
                self._cut_damage(path, offset)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012}.journal"

    def _cut_damage(self, path: Path, offset: int) -> None:
        copy = path.with_suffix(".damaged")
        shutil.copyfile(path, copy)
        os.truncate(path, offset)
        log.error(
            "Journal segment %s is damaged at byte %d: the requests after it are not "
            "stored. Please report it with the file %s, a copy of the whole segment.",
            path.name,
            offset,
            copy,
        )


class _DamageError(Exception):
    """A checksum is wrong: the bytes are not a record, nor the beginning of one."""


def _read_record(file: BinaryIO) -> tuple[_Header, bytes] | None:
    """Return the next record's header and body; None if no whole record follows."""
    packed = file.read(HEADER.size)
    if len(packed) < HEADER.size:
        return None
    header = _Header(*HEADER.unpack(packed))
    if header.own_checksum != zlib.crc32(packed[: _FIELDS.size]):
        raise _DamageError
    body = file.read(header.length)
    if len(body) < header.length:
        return None
    if header.checksum != zlib.crc32(body):
        raise _DamageError
    return header, body
