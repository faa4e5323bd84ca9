"""What one line says, in whichever of the known formats it is written.

    recogniser = Recogniser(Clock(day=date.today()))
    parsed = recogniser.parse("INFO:shop.cart:sold plan=pro")

A pattern of one's own is tried first. None means: in no known format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.formats.access_log import took
from tracing_starter_kit.log_reader.formats.containers import (
    DOCKER_BEGINS,
    ContainerLine,
    docker_line,
)
from tracing_starter_kit.log_reader.formats.http_fields import request_text
from tracing_starter_kit.log_reader.formats.json_lines import parse_json
from tracing_starter_kit.log_reader.formats.key_values import key_values, typed
from tracing_starter_kit.log_reader.formats.levels import SYSLOG, severity
from tracing_starter_kit.log_reader.formats.lines import GROUPS, Format, shape
from tracing_starter_kit.log_reader.formats.loose_lines import (
    PLAIN,
    parse_logfmt,
    parse_time_inside,
)
from tracing_starter_kit.log_reader.formats.table import FORMATS
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.model import Parsed, Value

OWN_PATTERN: Final = "your pattern"
COLORS: Final = re.compile(r"\x1b\[[\d;]*[A-Za-z]")
WHOLE: Final = {
    "process.pid",
    "code.line.number",
    "http.response.status_code",
    "http.response.body.size",
    "server.port",
}


class Recogniser:
    """Knows the formats; remembers which came last, as the next is often the same."""

    def __init__(
        self,
        clock: Clock,
        pattern: re.Pattern[str] | None = None,
        *,
        inside: bool = False,
    ) -> None:
        """Set how to read.

        Args:
            clock: Reads the times.
            pattern: A format of the user's, tried first.
            inside: Whether it reads what a container wrote, which contains no other.
        """
        self._clock = clock
        self._pattern = pattern
        self._inner = None if inside else Recogniser(clock, pattern, inside=True)
        self._last: dict[str, Format] = {}

    def parse(self, text: str) -> Parsed | None:
        """Return what the line says, or None."""
        if "\x1b" in text:
            text = COLORS.sub("", text)
        if self._pattern and (match := self._pattern.match(text)):
            return self._own(match)
        if not text:
            return None
        if text[0] == "{":
            return self._json(text)
        found = self._by_table(text) or parse_logfmt(text, self._clock)
        return found or parse_time_inside(text, self._clock)

    def _json(self, text: str) -> Parsed | None:
        if text.startswith(DOCKER_BEGINS) and (line := docker_line(text)):
            return self._contained(line)
        return parse_json(text, self._clock)

    def _by_table(self, text: str) -> Parsed | None:
        kind = shape(text)
        last = self._last.get(kind)
        if last and (match := last.pattern.match(text)):
            return self._parsed(last, match.groupdict())
        for known in FORMATS[kind]:
            if match := known.pattern.match(text):
                if not known.general:
                    self._last[kind] = known
                return self._parsed(known, match.groupdict())
        return None

    def _contained(self, line: ContainerLine) -> Parsed:
        """Return what a container's line says, by its runtime's clock if need be."""
        clock, assumed = self._clock, self._clock.assumed_day
        clock.assumed_day = False
        parsed = self._inner.parse(line.text) if self._inner else None
        parsed = parsed or Parsed(PLAIN, line.text)
        if parsed.time_ns is None or clock.assumed_day:
            parsed.time_ns = clock.read(line.time) or parsed.time_ns
        clock.assumed_day = assumed
        parsed.format = f"{line.runtime}: {parsed.format}"
        parsed.fields["log.iostream"] = line.stream
        return parsed

    def _parsed(self, known: Format, groups: dict[str, str | None]) -> Parsed:
        if "stream" in groups:
            return self._contained(ContainerLine.of(known.name, groups))
        time = groups.get("time")
        message = groups.get("message") or ""
        level = groups.get("level") or ""
        fields = _fields(groups)
        if "message" in groups:
            fields |= key_values(message)
        if context := groups.get("context"):
            fields |= key_values(context) or took(context)
        parsed = Parsed(
            format=known.name,
            message=message if "message" in groups else request_text(fields),
            time_ns=self._clock.read(time) if time else None,
            severity=severity(level) if level else _priority(groups.get("priority")),
            level=level,
            service=groups.get("program") or "",
            fields=fields,
        )
        return self._json_inside(parsed) if message[:1] == "{" else parsed

    def _json_inside(self, outer: Parsed) -> Parsed:
        """Return what a JSON object says that stands behind a time."""
        inner = parse_json(outer.message, self._clock)
        if inner is None:
            return outer
        inner.time_ns = inner.time_ns or outer.time_ns
        inner.severity = inner.severity or outer.severity
        inner.level = inner.level or outer.level
        inner.service = inner.service or outer.service
        return inner

    def _own(self, match: re.Match[str]) -> Parsed:
        groups = {key: text for key, text in match.groupdict().items() if text}
        time, level = groups.pop("time", ""), groups.pop("level", "")
        message, service = groups.pop("message", ""), groups.pop("service", "")
        fields: dict[str, Value] = {
            GROUPS.get(k, k): typed(v) for k, v in groups.items()
        }
        return Parsed(
            format=OWN_PATTERN,
            message=message,
            time_ns=self._clock.read(time) if time else None,
            severity=severity(level),
            level=level,
            service=service,
            fields=fields | key_values(message),
        )


def compile_pattern(text: str) -> re.Pattern[str]:
    """Return a pattern of the user's, checked.

    Raises:
        LogReaderError: It is no regular expression, or has not the names it needs.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise LogReaderError(f"--pattern is no regular expression: {error}.") from None
    if "message" not in pattern.groupindex:
        names = ", ".join(pattern.groupindex) or "no named group"
        raise LogReaderError(
            f"--pattern needs a group named message, and has {names}: write "
            r"'(?P<time>\S+) (?P<level>\w+) (?P<message>.*)', with a group for each "
            "further field."
        )
    return pattern


def _fields(groups: Mapping[str, str | None]) -> dict[str, Value]:
    fields: dict[str, Value] = {}
    for group, text in groups.items():
        name = GROUPS.get(group)
        if name and text and text not in ("-", "None"):
            number = name in WHOLE and text.isdecimal() and len(text) < 18
            fields[name] = int(text) if number else text
    path = fields.get("url.path")
    if isinstance(path, str) and "?" in path:
        fields["url.path"], _, fields["url.query"] = path.partition("?")
    return fields


def _priority(text: str | None) -> int:
    return SYSLOG[int(text) % 8] if text else 0
