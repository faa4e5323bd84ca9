r"""The user's own pattern: check it, and parse the lines that match it.

    pattern = compile_pattern(r"(?P<time>\S+) (?P<level>\w+) (?P<message>.*)")
    parsed = parse_own(pattern.match(line), clock)

The group `message` is required.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.errors import LogReaderError
from tracing_starter_kit.log_reader.formats.key_values import key_values, parse_value
from tracing_starter_kit.log_reader.formats.levels import severity
from tracing_starter_kit.log_reader.formats.lines import GROUPS
from tracing_starter_kit.log_reader.formats.times import Clock
from tracing_starter_kit.log_reader.model import ParsedLine, Value

OWN_PATTERN = "your pattern"


def compile_pattern(text: str) -> re.Pattern[str]:
    """Return the user's pattern, checked.

    Raises:
        LogReaderError: It is not a regular expression, or has no group `message`.
    """
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise LogReaderError(
            f"--pattern is not a regular expression: {error}."
        ) from None
    if "message" not in pattern.groupindex:
        names = ", ".join(pattern.groupindex) or "no named group"
        raise LogReaderError(
            f"--pattern needs a group named message, and has {names}: write "
            r"'(?P<time>\S+) (?P<level>\w+) (?P<message>.*)', with a group for each "
            "further field."
        )
    return pattern


def parse_own(match: re.Match[str], clock: Clock) -> ParsedLine:
    """Return the contents of a line that matches the user's pattern."""
    groups = {name: text for name, text in match.groupdict().items() if text}
    time, level = groups.pop("time", ""), groups.pop("level", "")
    message, service = groups.pop("message", ""), groups.pop("service", "")
    fields: dict[str, Value] = {
        GROUPS.get(name, name): parse_value(text) for name, text in groups.items()
    }
    return ParsedLine(
        format=OWN_PATTERN,
        message=message,
        time_ns=clock.read(time) if time else None,
        severity=severity(level),
        level=level,
        service=service,
        fields=fields | key_values(message),
    )
