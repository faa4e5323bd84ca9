"""Recognise the format of a line, and parse it.

    recogniser = Recogniser(Clock(day=date.today()))
    parsed = recogniser.parse("INFO:shop.cart:sold plan=pro")

The user's own pattern is tried first. None means that the format is unknown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from tracing_starter_kit.log_reader.formats.access_log import duration_field
from tracing_starter_kit.log_reader.formats.containers import (
    DOCKER_BEGINS,
    ContainerLine,
    docker_line,
)
from tracing_starter_kit.log_reader.formats.http_fields import request_text
from tracing_starter_kit.log_reader.formats.json_lines import parse_json
from tracing_starter_kit.log_reader.formats.key_values import key_values
from tracing_starter_kit.log_reader.formats.levels import SYSLOG, severity
from tracing_starter_kit.log_reader.formats.lines import GROUPS, Format, shape
from tracing_starter_kit.log_reader.formats.loose_lines import (
    PLAIN,
    parse_logfmt,
    parse_time_inside,
)
from tracing_starter_kit.log_reader.formats.own_pattern import parse_own
from tracing_starter_kit.log_reader.formats.table import FORMATS
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.model import TIME_OF_BEGIN, ParsedLine, Value

COLORS = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
ESCAPES = re.compile(r"\\([\\\]\"])")
WHOLE = {
    "process.pid",
    "code.line.number",
    "http.response.status_code",
    "http.response.body.size",
    "server.port",
}


class Recogniser:
    """Tries the formats on each line, first the format of the line before."""

    def __init__(
        self,
        clock: Clock,
        pattern: re.Pattern[str] | None = None,
        *,
        inside: bool = False,
    ) -> None:
        """Set the clock and the user's pattern.

        Args:
            clock: Parses the times.
            pattern: The user's own format, tried first.
            inside: Whether the lines are unwrapped already from a container's log.
        """
        self._clock = clock
        self._pattern = pattern
        self._inner = None if inside else Recogniser(clock, pattern, inside=True)
        self._last: dict[str, Format] = {}

    def parse(self, text: str) -> ParsedLine | None:
        """Return the contents of a line, or None for an unknown format."""
        if "\x1b" in text:
            text = COLORS.sub("", text)
        if self._pattern and (match := self._pattern.match(text)):
            return parse_own(match, self._clock)
        if not text:
            return None
        if text[0] == "{":
            return self._json(text)
        parsed = self._by_table(text) or parse_logfmt(text, self._clock)
        return parsed or parse_time_inside(text, self._clock)

    def _json(self, text: str) -> ParsedLine | None:
        if text.startswith(DOCKER_BEGINS) and (line := docker_line(text)):
            return self._contained(line)
        return parse_json(text, self._clock)

    def _by_table(self, text: str) -> ParsedLine | None:
        kind = shape(text)
        last = self._last.get(kind)
        if last and (match := last.pattern.match(text)):
            return self._parsed(last, match.groupdict())
        for format_ in FORMATS[kind]:
            if match := format_.pattern.match(text):
                if not format_.general:
                    self._last[kind] = format_
                return self._parsed(format_, match.groupdict())
        return None

    def _contained(self, line: ContainerLine) -> ParsedLine:
        """Return the contents of a container's line.

        The runtime's time replaces a time that is missing or has no date.
        """
        clock, assumed = self._clock, self._clock.assumed_day
        clock.assumed_day = False
        parsed = self._inner.parse(line.text) if self._inner else None
        parsed = parsed or ParsedLine(PLAIN, line.text)
        if parsed.time_ns is None or clock.assumed_day:
            parsed.time_ns = clock.read(line.time) or parsed.time_ns
        clock.assumed_day = assumed
        parsed.format = f"{line.runtime}: {parsed.format}"
        if line.stream:
            parsed.fields["log.iostream"] = line.stream
        parsed.service = parsed.service or line.service
        return parsed

    def _parsed(self, format_: Format, groups: dict[str, str | None]) -> ParsedLine:
        if "stream" in groups or "unit" in groups:
            return self._contained(ContainerLine.of(format_.name, groups))
        time = groups.get("time") or groups.get("begin")
        message = groups.get("message") or ""
        level = groups.get("level") or ""
        fields = _fields(groups)
        if "message" in groups:
            fields |= key_values(message)
        if context := groups.get("context"):
            fields |= key_values(context) or duration_field(context)
        if structured := groups.get("structured"):
            fields |= _unescaped(key_values(structured))
        if "begin" in groups:
            fields[TIME_OF_BEGIN] = True
        parsed = ParsedLine(
            format=format_.name,
            message=message or request_text(fields),
            time_ns=self._clock.read(time) if time else None,
            severity=severity(level) if level else _priority(groups.get("priority")),
            level=level,
            service=(groups.get("program") or "").removeprefix("-"),
            fields=fields,
        )
        return self._json_inside(parsed) if message[:1] == "{" else parsed

    def _json_inside(self, outer: ParsedLine) -> ParsedLine:
        """Return the contents of a message that is a JSON object, if it is one."""
        inner = parse_json(outer.message, self._clock)
        if inner is None:
            return outer
        inner.time_ns = inner.time_ns or outer.time_ns
        inner.severity = inner.severity or outer.severity
        inner.level = inner.level or outer.level
        inner.service = inner.service or outer.service
        return inner


def _fields(groups: Mapping[str, str | None]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for group, text in groups.items():
        name = GROUPS.get(group)
        if name and text and text not in ("-", "None"):
            is_number = name in WHOLE and text.isdecimal() and len(text) < 18
            fields[name] = int(text) if is_number else text
    path = fields.get("url.path")
    if isinstance(path, str) and "?" in path:
        fields["url.path"], _, fields["url.query"] = path.partition("?")
    return fields


def _unescaped(fields: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of RFC 5424 without its escapes."""
    return {
        name: ESCAPES.sub(r"\1", value) if isinstance(value, str) else value
        for name, value in fields.items()
    }


def _priority(text: str | None) -> int:
    return SYSLOG[int(text) % 8] if text else 0
