r"""Parse the journal's export format: fields in blocks, an empty line after each.

    if starts_block(raw):
        ...
    parsed = parse_block(b"__CURSOR=s=1\nMESSAGE=hello\n\n")

For `journalctl -o export`; https://systemd.io/JOURNAL_EXPORT_FORMATS/. A value with
line ends is written as its name, its size in 8 bytes, and the bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracing_starter_kit.log_reader.formats.key_values import key_values
from tracing_starter_kit.log_reader.formats.levels import SYSLOG
from tracing_starter_kit.log_reader.model import ParsedLine, Value

NAMES = {
    "_PID": "process.pid",
    "_HOSTNAME": "host.name",
    "_COMM": "process.executable.name",
    "CODE_FILE": "code.file.path",
    "CODE_LINE": "code.line.number",
    "CODE_FUNC": "code.function.name",
}
WHOLE = {"process.pid", "code.line.number"}
OWN = ("MESSAGE", "PRIORITY")
LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")


def starts_block(raw: bytes) -> bool:
    """Tell whether a line is the first of a block."""
    return raw.startswith((b"__CURSOR=", b"__REALTIME_TIMESTAMP="))


def is_whole(block: bytes) -> bool:
    """Tell whether an empty line ends the block, and is not part of a value."""
    return read_fields(block) is not None


def read_fields(block: bytes) -> dict[str, str] | None:
    """Return the fields, or None if a value is longer than the block."""
    fields: dict[str, str] = {}
    at = 0
    while at < len(block):
        end = block.find(b"\n", at)
        end = len(block) if end < 0 else end
        name, equals, value = block[at:end].partition(b"=")
        at = end + 1
        if not equals and name.strip():
            size = int.from_bytes(block[at : at + 8], "little")
            value = block[at + 8 : at + 8 + size]
            if len(value) < size or at + 8 > len(block):
                return None
            at += 8 + size + 1
        fields[_text(name).strip()] = _text(value)
    fields.pop("", None)
    return fields


def parse_block(block: bytes) -> ParsedLine | None:
    """Parse a block; return None if it is not the journal's."""
    fields = read_fields(block)
    if not fields or "__REALTIME_TIMESTAMP" not in fields:
        return None
    return journal_parsed(fields, "journald (export)")


def journal_parsed(entry: Mapping[str, Any], format_name: str) -> ParsedLine:
    """Return the contents of an entry of the journal, in either format."""
    texts = {key: _value_text(value) for key, value in entry.items()}
    time = texts.get("__REALTIME_TIMESTAMP", "")
    priority = texts.get("PRIORITY", "")
    level = int(priority) if priority in set("01234567") else None
    return ParsedLine(
        format=format_name,
        message=texts.get("MESSAGE", ""),
        time_ns=int(time) * 1000 if time.isdecimal() and len(time) < 17 else None,
        level="" if level is None else LEVELS[level],
        severity=0 if level is None else SYSLOG[level],
        service=texts.get("SYSLOG_IDENTIFIER") or texts.get("_COMM", ""),
        fields=key_values(texts.get("MESSAGE", "")) | dict(_fields(texts)),
    )


def _fields(texts: Mapping[str, str]) -> list[tuple[str, Value]]:
    """Return the program's own fields and its place, without the journal's others."""
    fields: list[tuple[str, Value]] = []
    for key, text in texts.items():
        name = NAMES.get(key)
        if name:
            is_number = name in WHOLE and text.isdecimal() and len(text) < 18
            fields.append((name, int(text) if is_number else text))
        elif not key.startswith(("_", "SYSLOG_")) and key not in OWN:
            fields.append((key.lower(), text))
    return fields


def _value_text(value: Any) -> str:
    """Return a value of the JSON form, where bytes are a list of numbers."""
    if isinstance(value, list):
        try:
            return _text(bytes(value))
        except (TypeError, ValueError):
            return " ".join(map(str, value))
    return "" if value is None else str(value)


def _text(value: bytes) -> str:
    return value.decode(errors="backslashreplace")
