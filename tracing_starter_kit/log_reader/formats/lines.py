"""A format of lines: its pattern, and the attributes of the pattern's groups.

    Format("basic", "a", re.compile(r"(?P<level>[A-Z]+):(?P<message>.*)"))

The class of a line's first character selects the patterns to try.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tracing_starter_kit.log_reader.formats.levels import LEVEL
from tracing_starter_kit.log_reader.formats.zones import ABBREVIATIONS

# The attribute of a named group, by the semantic conventions where they have a name.
GROUPS = {
    "logger": "logger",
    "thread": "thread.name",
    "pid": "process.pid",
    "function": "code.function.name",
    "line": "code.line.number",
    "method": "http.request.method",
    "path": "url.path",
    "status": "http.response.status_code",
    "size": "http.response.body.size",
    "version": "network.protocol.version",
    "client": "client.address",
    "agent": "user_agent.original",
    "referrer": "referer",
    "user": "user.name",
    "duration": "duration",
    "millis": "duration_ms",
    "seconds": "request_time",
    "init": "aws.lambda.init",
    "host": "host.name",
    "process": "process.title",
    "request_id": "request_id",
    "jid": "jid",
    "job_class": "class",
    "connection": "connection",
    "server": "server.address",
    "port": "server.port",
    "trace_id": "trace_id",
    "span_id": "span_id",
}

# The text after a time: a level, a stream, another word, a dash, a bar, a bracket.
AFTER_TIME = re.compile(
    r"(?:\d{4}[-/]\d\d[-/]\d\d[T ])?\d\d:\d\d:\d\d(?:[.,]\d+)?"
    rf"(?: ?(?:Z\b|[+-]\d\d:?\d\d\b|(?:{ABBREVIATIONS})\b))?[ :]*"
    rf"(?:(?P<l>{LEVEL}\b)|(?P<stream>std(?:out|err) [FP])|(?P<w>\w)"
    r"|(?P<dash>-)|(?P<bar>\|)|(?P<bracket>\[))?"
)


@dataclass(frozen=True)
class Format:
    """One way to write a line.

    Attributes:
        name: Its name, for people.
        starts: The classes of lines that it may match; see `shape`.
        pattern: Matches the whole line; its groups are named as in `GROUPS`, or are
            time, level, message, program (the service) and context (more fields).
        general: Whether it matches so many lines that it does not predict the next.
    """

    name: str
    starts: str
    pattern: re.Pattern[str]
    general: bool = False


def shape(text: str) -> str:
    """Return the class of a line, by its first character or the text after its time."""
    first = text[0]
    if "0" <= first <= "9":
        match = AFTER_TIME.match(text)
        return "d" + (match.lastgroup or "") if match else "d"
    if first.isalpha():
        return "a"
    return first if first in "[<" else "*"
