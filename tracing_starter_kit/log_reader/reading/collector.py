"""Collect lines into records: a line that continues a record joins it.

    collector = RecordCollector("app.log", recogniser)
    for number, raw in enumerate(lines, 1):
        yield from collector.add(number, raw)
    yield from collector.finish()

A traceback continues the line before it. So do the lines of a block of the journal.
A line of an unknown format that continues nothing is a record of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tracing_starter_kit.log_reader.formats.containers import VAGUE
from tracing_starter_kit.log_reader.formats.journal import (
    is_whole,
    parse_block,
    starts_block,
)
from tracing_starter_kit.log_reader.formats.loose_lines import PLAIN
from tracing_starter_kit.log_reader.formats.recogniser import Recogniser
from tracing_starter_kit.log_reader.model import ParsedLine, Record
from tracing_starter_kit.log_reader.reading.exceptions import exception_fields
from tracing_starter_kit.log_reader.reading.pieces import LinePieces, starts_piece

# A record with more lines, or more text, is cut: the next line begins another record.
MOST_LINES = 2000
MOST_TEXT = 512 << 10
BOM = "\ufeff"  # the first character of a file of some Windows programs
BLANKS = (" ", "\t")
CONTINUES = re.compile(
    r"\s|\Z|> File \"|Traceback \(most recent call last\)"
    r"|During handling of the above exception"
    r"|Trace\[\d+\]: "  # klog's, below the line of the same trace
    r"|The above exception was the direct cause|Caused by: |\.\.\. \d+ more"
    r"|(?:[\w$]+\.)*[A-Z][\w$]*(?:Error|Exception|Throwable|Warning|Interrupt|Exit|Group)"
    r"\b(?::|\Z| \()|[\w./-]+\.rb:\d+:in "
)
# The last line of a traceback, for any name of an exception.
RAISED = re.compile(r"[A-Za-z_][\w.]*(?::|\Z)")


class RecordCollector:
    """Holds the open record, which the next line may continue, or the open block."""

    def __init__(self, path: str, recogniser: Recogniser) -> None:
        self._path = path
        self._parse = recogniser.parse
        self._open: Record | None = None
        self._more: list[str] = []  # the messages of the open record's further lines
        self._raw: list[bytes] = []  # all its lines
        self._is_exact = True  # whether encoding their text restores them
        self._size = 0
        self._block: list[bytes] = []
        self._block_line = 0
        self._pieces = LinePieces()
        self._time_ns = 0

    def add(self, number: int, raw: bytes) -> Iterator[Record]:
        """Add a line; yield the record that it completes, if any."""
        if self._block or starts_block(raw):
            if not self._block:
                yield from self._end_pieces()
                yield from self._close()
                self._block_line = number
            yield from self._add_to_block(raw)
            return
        raw = raw.removesuffix(b"\n").removesuffix(b"\r")
        if self._pieces.is_open or starts_piece(raw):
            for line in self._pieces.add(number, raw):
                yield from self._add_line(*line)
            return
        yield from self._add_line(number, [raw], _text(raw))

    def _add_line(self, number: int, raws: list[bytes], text: str) -> Iterable[Record]:
        """Add a whole line; return the record that it completes, if any."""
        completed: Iterable[Record] = ()
        parsed = self._parse(text if number > 1 else text.removeprefix(BOM))
        may_continue = parsed is None or parsed.format in VAGUE
        # Without the wrapping of a container's runtime.
        message = parsed.message if parsed else text
        if may_continue and self._continues(message, parsed.service if parsed else ""):
            self._more.append(message)
            self._size += len(text)
        else:
            completed = self._close()
            self._start(number, text, parsed)
        self._raw += raws
        if len(raws) > 1:
            self._is_exact &= all(_restores(_text(raw), raw) for raw in raws)
        else:
            self._is_exact = self._is_exact and _restores(text, raws[0])
        return completed

    def _end_pieces(self) -> Iterator[Record]:
        for line in self._pieces.finish():
            yield from self._add_line(*line)

    def finish(self) -> Iterator[Record]:
        """Yield the record that is still open at the end, if any."""
        if self._block:
            yield from self._end_block()
        yield from self._end_pieces()
        yield from self._close()

    def _continues(self, text: str, service: str) -> bool:
        record, more = self._open, self._more
        if record and service and service != record.service:
            return False  # the lines of several containers alternate
        if record is None or (record.format.endswith(PLAIN) and text[:1] not in BLANKS):
            return False
        if len(more) >= MOST_LINES or self._size + len(text) > MOST_TEXT:
            return False
        ends_traceback = bool(more) and more[-1][:1] in BLANKS and RAISED.match(text)
        return bool(CONTINUES.match(text) or ends_traceback)

    def _start(self, number: int, text: str, parsed: ParsedLine | None) -> None:
        parsed = parsed or ParsedLine(PLAIN, text)
        self._time_ns = parsed.time_ns or self._time_ns
        self._size = len(text)
        self._open = Record(
            source=self._path,
            line=number,
            text=text,
            message=parsed.message,
            format=parsed.format,
            time_ns=self._time_ns,
            has_own_time=parsed.time_ns is not None,
            severity=parsed.severity,
            level=parsed.level,
            service=parsed.service,
            fields=parsed.fields,
        )

    def _close(self) -> Iterable[Record]:
        record, self._open = self._open, None
        if record is None:
            return ()
        if len(self._raw) > 1:
            record.lines = len(self._raw)
            record.text = "\n".join(map(_text, self._raw))
        if self._more:
            more = "\n".join(self._more)
            record.message = f"{record.message}\n{more}"
            record.fields |= exception_fields(more)
        if not self._is_exact:
            record.raw = b"\n".join(self._raw)
        self._more, self._raw, self._is_exact = [], [], True
        return (record,)

    def _add_to_block(self, raw: bytes) -> Iterator[Record]:
        self._block.append(raw)
        may_end = raw.strip() == b"" or len(self._block) >= MOST_LINES
        if may_end and is_whole(b"".join(self._block)):
            yield from self._end_block()

    def _end_block(self) -> Iterator[Record]:
        block, lines = b"".join(self._block).removesuffix(b"\n"), len(self._block)
        self._block.clear()
        text = _text(block)
        self._start(self._block_line, text, parse_block(block))
        self._raw, self._is_exact = [block], _restores(text, block)
        for record in self._close():
            record.lines = lines
            yield record


def _text(raw: bytes) -> str:
    r"""Return a line as text; bytes that are not UTF-8 become `\\xff`."""
    return raw.decode("utf-8", "backslashreplace")


def _restores(text: str, raw: bytes) -> bool:
    """Tell whether encoding the text restores the bytes."""
    return "\\x" not in text or text.encode() == raw
