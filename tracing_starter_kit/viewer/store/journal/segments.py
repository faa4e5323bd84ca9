"""The journal's files: numbered segments of framed records, and how to read them.

A record is a header (signal, item count, body length, the body's CRC-32 and the
header's own) and the body. A process that was killed in the middle of a write leaves a
torn record at the end; it was never acknowledged, so reading just stops there. A header
or a body with another checksum is damage: the segment is kept as `….damaged`, cut
before that record, and the log says so.
"""

import logging
import os
import shutil
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import BinaryIO, Final, Literal, NamedTuple

__all__ = ["Position", "Record", "Segments", "Signal", "frame"]

log = logging.getLogger(__name__)

Signal = Literal["traces", "logs"]
SIGNALS: Final[tuple[Signal, ...]] = ("traces", "logs")
HEADER: Final = struct.Struct("<BIIII")
_CHECKSUM: Final = struct.Struct("<I")
_FIELDS: Final = struct.Struct("<BIII")  # without the header's own checksum


@dataclass(frozen=True, order=True)
class Position:
    """A place in the journal; the first is (0, 0), before every segment."""

    segment: int
    offset: int


@dataclass(frozen=True)
class Record:
    """One request as it was journalled, and where the next one begins."""

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
    """Return the header that goes before the body."""
    number, checksum = SIGNALS.index(signal), zlib.crc32(body)
    fields = _FIELDS.pack(number, items, len(body), checksum)
    return fields + _CHECKSUM.pack(zlib.crc32(fields))


class Segments:
    """The folder of segments: one is written, the older ones are only read."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder

    def numbers(self) -> list[int]:
        """Return the segments that are there, the oldest first."""
        return sorted(int(path.stem) for path in self._folder.glob("[0-9]*.journal"))

    def create(self, number: int) -> FileIO:
        """Open a new segment for writing, its name durable too."""
        file = self._path(number).open("wb", buffering=0)
        folder = os.open(self._folder, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
        return file

    def remove(self, number: int) -> None:
        """Remove a segment, all of which is in the database."""
        self._path(number).unlink(missing_ok=True)

    def read(self, start: Position, end: Position | None = None) -> Iterator[Record]:
        """Yield a segment's records from `start` to `end`, or as far as they go."""
        path = self._path(start.segment)
        with path.open("rb") as file:
            offset = file.seek(start.offset)
            try:
                while (end is None or offset < end.offset) and (found := _next(file)):
                    header, body = found
                    offset = file.tell()
                    position = Position(start.segment, offset)
                    yield Record(SIGNALS[header.signal], header.items, body, position)
            except _DamageError:
                self._cut_damage(path, offset)

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:012}.journal"

    def _cut_damage(self, path: Path, offset: int) -> None:
        kept = path.with_suffix(".damaged")
        shutil.copyfile(path, kept)
        os.truncate(path, offset)
        log.error(
            "Journal segment %s is damaged at byte %d: what follows is not stored, a "
            "copy of all of it is %s; please report it with that file.",
            path.name,
            offset,
            kept,
        )


class _DamageError(Exception):
    """What stands there is no record, and not the beginning of one."""


def _next(file: BinaryIO) -> tuple[_Header, bytes] | None:
    """Return the next record's header and body; None where no whole one follows."""
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
