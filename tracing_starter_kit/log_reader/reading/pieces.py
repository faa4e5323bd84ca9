r"""Put lines together that are pieces of one line.

    if pieces.is_open or starts_piece(raw):
        for line in pieces.add(number, raw):
            print(line.number, line.raws, line.text)

Docker cuts a line at 16 KiB and leaves the line end out, Kubernetes marks such a piece
with a P. Programs print JSON over several lines: from `{` alone to `}` alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import NamedTuple

from tracing_starter_kit.log_reader.formats.containers import docker_line
from tracing_starter_kit.log_reader.formats.json_lines import load_json

DOCKER = b'{"log":"'
DOCKER_LINE_END = b'\\n","stream":'
CRI = re.compile(r"(\S+ std(?:out|err)) ([FP])\S* (.*)", re.DOTALL)
MOST_PIECES = 500
MOST_BYTES = 512 << 10


class Line(NamedTuple):
    """A line: the number of its first piece, all pieces, and the text to parse."""

    number: int
    raws: list[bytes]
    text: str


def starts_piece(raw: bytes) -> bool:
    """Tell whether a line is probably the first piece of another."""
    if raw[:1] == b"{":
        is_cut = raw.startswith(DOCKER) and DOCKER_LINE_END not in raw
        return is_cut or not raw[1:].strip()
    return b" P " in raw[20:48] and b" std" in raw[:40]


class LinePieces:
    """Holds the pieces of a line until it is whole."""

    def __init__(self) -> None:
        self._number = 0
        self._raws: list[bytes] = []
        self._size = 0

    @property
    def is_open(self) -> bool:
        """Whether a line is not whole yet."""
        return bool(self._raws)

    def add(self, number: int, raw: bytes) -> Iterator[Line]:
        """Add a line; yield the lines that are whole."""
        if not self._raws:
            self._number = number
        elif not _is_next(self._raws[0], raw):
            yield from self.finish()
            if not starts_piece(raw):
                yield Line(number, [raw], _text(raw))
                return
            self._number = number
        self._raws.append(raw)
        self._size += len(raw)
        if _is_last(self._raws[0], raw) or self._is_full():
            yield from self.finish()

    def finish(self) -> Iterator[Line]:
        """Yield the pieces as one line, or as they are if they do not fit together."""
        raws, self._raws, self._size = self._raws, [], 0
        text = _joined([_text(raw) for raw in raws])
        if text:
            yield Line(self._number, raws, text)
            return
        for number, raw in enumerate(raws, self._number):
            yield Line(number, [raw], _text(raw))

    def _is_full(self) -> bool:
        return len(self._raws) >= MOST_PIECES or self._size > MOST_BYTES


def _is_next(first: bytes, raw: bytes) -> bool:
    if first.startswith(DOCKER):
        return raw.startswith(DOCKER)
    if first[:1] == b"{":
        return raw[:1] in (b" ", b"\t", b"}")
    return CRI.match(_text(raw)) is not None


def _is_last(first: bytes, raw: bytes) -> bool:
    if first.startswith(DOCKER):
        return DOCKER_LINE_END in raw
    if first[:1] == b"{":
        return raw[:1] == b"}"
    match = CRI.match(_text(raw))
    return match is None or match[2] == "F"


def _joined(texts: list[str]) -> str:
    """Return the text of all pieces, "" if they are not of one line."""
    if len(texts) < 2:
        return ""
    if texts[0].startswith(DOCKER.decode()):
        return _docker(texts)
    return _json(texts) if texts[0][0] == "{" else _kubernetes(texts)


def _json(texts: list[str]) -> str:
    text = "\n".join(texts)
    return text if isinstance(load_json(text), dict) else ""


def _kubernetes(texts: list[str]) -> str:
    matches = [match for text in texts if (match := CRI.match(text))]
    streams = {match[1].rpartition(" ")[2] for match in matches}
    if len(matches) < len(texts) or len(streams) > 1:
        return ""
    return f"{matches[0][1]} F {''.join(match[3] for match in matches)}"


def _docker(texts: list[str]) -> str:
    lines = [line for text in texts if (line := docker_line(text))]
    streams = {line.stream for line in lines}
    if len(lines) < len(texts) or len(streams) > 1:
        return ""
    log = "".join(line.text for line in lines) + "\n"
    entry = {"log": log, "stream": lines[0].stream, "time": lines[0].time}
    return json.dumps(entry, separators=(",", ":"))


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
