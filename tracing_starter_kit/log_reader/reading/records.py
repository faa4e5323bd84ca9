"""From lines to records: what continues a record joins it, no line is left out.

    for record in read_records(source, recogniser):
        print(record.time_ns, record.message)

A traceback belongs to the line before it. A line in no known format, which continues
nothing, is a record of its own with the time of the record before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from tracing_starter_kit.log_reader.formats.containers import VAGUE
from tracing_starter_kit.log_reader.formats.journal import (
    is_whole,
    parse_block,
    starts_block,
)
from tracing_starter_kit.log_reader.formats.loose_lines import PLAIN
from tracing_starter_kit.log_reader.formats.recogniser import Recogniser
from tracing_starter_kit.log_reader.model import Parsed, Record
from tracing_starter_kit.log_reader.reading.exceptions import exception_fields
from tracing_starter_kit.log_reader.reading.sources import Source

# A record of more than so many lines is cut; the next line begins another one.
MOST_LINES: Final = 2000
MOST_TEXT: Final = 512 << 10
MOST_WAITING: Final = 1000
BOM: Final = "\ufeff"  # Windows' programs begin a file with it
BLANKS: Final = (" ", "\t")
CONTINUES: Final = re.compile(
    r"\s|\Z|> File \"|Traceback \(most recent call last\)"
    r"|During handling of the above exception"
    r"|The above exception was the direct cause|Caused by: |\.\.\. \d+ more"
    r"|(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Throwable|Warning|Interrupt|Exit|Group)"
    r"\b(?::|\Z)"
)
# The last line of a traceback, whatever the exception is called.
RAISED: Final = re.compile(r"[A-Za-z_][\w.]*(?::|\Z)")


def read_records(
    source: Source, recogniser: Recogniser, *, service: str = ""
) -> Iterator[Record]:
    """Yield the records of one source in their order.

    Args:
        source: The file.
        recogniser: Knows the formats; it must not be shared between files.
        service: Who wrote the lines; by default what they say, or the file's name.
    """
    return _with_times(_records(source, recogniser, service), source)


def _records(source: Source, recogniser: Recogniser, service: str) -> Iterator[Record]:
    collector = _Collector(source, recogniser)
    by_default = source.name
    for number, raw in source.lines():
        for record in collector.add(number, raw):
            record.service = service or record.service or by_default
            yield record
    for record in collector.finish():
        record.service = service or record.service or by_default
        yield record


def _with_times(records: Iterator[Record], source: Source) -> Iterator[Record]:
    """Give lines before the first time that time; where there is none, the file's."""
    waiting: list[Record] = []
    for record in records:
        if record.time_ns or len(waiting) >= MOST_WAITING:
            yield from _at(waiting, record.time_ns or source.modified_ns)
            waiting.clear()
        if record.time_ns:
            yield record
        else:
            waiting.append(record)
    yield from _at(waiting, source.modified_ns)


def _at(records: Sequence[Record], time_ns: int) -> Iterator[Record]:
    for record in records:
        record.time_ns = time_ns
        yield record


class _Collector:
    """Holds the record that may go on, or the block of the journal that does."""

    def __init__(self, source: Source, recogniser: Recogniser) -> None:
        self._path = source.display_name
        self._parse = recogniser.parse
        self._open: Record | None = None
        self._more: list[str] = []  # what further lines of the open record say
        self._raw: list[bytes] = []  # all its lines
        self._exact = True  # whether their texts give them back
        self._size = 0
        self._block: list[bytes] = []
        self._block_line = 0
        self._time_ns = 0

    def add(self, number: int, raw: bytes) -> Iterator[Record]:
        """Take a line; yield the record that is over by it."""
        if self._block or starts_block(raw):
            if not self._block:
                yield from self._close()
                self._block_line = number
            yield from self._add_to_block(raw)
            return
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        text = _text(raw)
        parsed = self._parse(text if number > 1 else text.removeprefix(BOM))
        if _is_vague(parsed) and self._continues(said := _said(text, parsed)):
            self._more.append(said)
            self._size += len(text)
        else:
            yield from self._close()
            self._start(number, text, parsed)
        self._raw.append(raw)
        self._exact = self._exact and _is_exact(text, raw)

    def finish(self) -> Iterator[Record]:
        """Yield what is still open at the end."""
        if self._block:
            yield from self._end_block()
        yield from self._close()

    def _continues(self, text: str) -> bool:
        known, more = self._open, self._more
        if known is None or (known.format.endswith(PLAIN) and text[:1] not in BLANKS):
            return False
        if len(more) >= MOST_LINES or self._size + len(text) > MOST_TEXT:
            return False
        in_trace = bool(more) and more[-1][:1] in BLANKS and RAISED.match(text)
        return bool(CONTINUES.match(text) or in_trace)

    def _start(self, number: int, text: str, parsed: Parsed | None) -> None:
        parsed = parsed or Parsed(PLAIN, text)
        self._time_ns = parsed.time_ns or self._time_ns
        self._size = len(text)
        self._open = Record(
            source=self._path,
            line=number,
            text=text,
            message=parsed.message,
            format=parsed.format,
            time_ns=self._time_ns,
            own_time=parsed.time_ns is not None,
            severity=parsed.severity,
            level=parsed.level,
            service=parsed.service,
            fields=parsed.fields,
        )

    def _close(self) -> Iterator[Record]:
        record, self._open = self._open, None
        if record is None:
            return
        if self._more:
            more = "\n".join(self._more)
            record.lines += len(self._more)
            record.text = "\n".join(map(_text, self._raw))
            record.message = f"{record.message}\n{more}"
            record.fields |= exception_fields(more)
        if not self._exact:
            record.raw = b"\n".join(self._raw)
        self._more, self._raw, self._exact = [], [], True
        yield record

    def _add_to_block(self, raw: bytes) -> Iterator[Record]:
        self._block.append(raw)
        ends = raw.strip() == b"" or len(self._block) >= MOST_LINES
        if ends and is_whole(b"".join(self._block)):
            yield from self._end_block()

    def _end_block(self) -> Iterator[Record]:
        block, lines = b"".join(self._block).removesuffix(b"\n"), len(self._block)
        self._block.clear()
        text = _text(block)
        self._start(self._block_line, text, parse_block(block))
        self._raw, self._exact = [block], _is_exact(text, block)
        for record in self._close():
            record.lines = lines
            yield record


def _is_vague(parsed: Parsed | None) -> bool:
    """Tell whether a line might as well be part of the record before it."""
    return parsed is None or parsed.format in VAGUE


def _said(text: str, parsed: Parsed | None) -> str:
    """Return a line without what a container's runtime put around it."""
    return parsed.message if parsed else text


def _text(raw: bytes) -> str:
    r"""Return a line as text; what is no UTF-8 as `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def _is_exact(text: str, raw: bytes) -> bool:
    """Tell whether the text gives the bytes back."""
    return "\\x" not in text or text.encode() == raw
