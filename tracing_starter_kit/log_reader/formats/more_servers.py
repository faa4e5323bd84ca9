"""The formats of servers and libraries with a time of their own kind.

    MORE_SERVERS[0].pattern.match("24/06/09 20:10:40 INFO oven.Oven: ready")

A part of the table of formats.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.formats.containers import COMPOSE, HEROKU
from tracing_starter_kit.log_reader.formats.levels import LEVEL
from tracing_starter_kit.log_reader.formats.lines import Format

LVL = rf"(?P<level>{LEVEL})"
TEXT = r"(?P<message>.*)"
HOURS = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
CTIME = rf"(?P<time>[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {HOURS} \d{{4}})"
ISO = rf"(?P<time>\d{{4}}-\d\d-\d\d {HOURS} [A-Z]{{3,4}})"


def _format(name: str, starts: str, *pieces: str) -> Format:
    return Format(name, starts, re.compile("".join(pieces), re.DOTALL))


MORE_SERVERS = (
    # `docker compose logs` fills the names up to one width, and a blank.
    _format(COMPOSE, "a", rf"(?!{LEVEL}\b)(?P<unit>[A-Za-z][\w.-]*)(?<=[-_]\d) *",
            rf" \| {TEXT}"),
    _format(HEROKU, "dw", r"(?P<time>\d{4}-\d\d-\d\dT\S+) (?:app|heroku)",
            rf"\[(?P<unit>[\w.-]+)\]: {TEXT}"),
    _format("Spark", "d", rf"(?P<time>\d\d/\d\d/\d\d {HOURS}) {LVL} ",
            rf"(?P<logger>[\w.$]+): {TEXT}"),
    _format("klog", "a", rf"(?P<level>[IWEF])(?P<time>\d{{4}} {HOURS}) +(?P<pid>\d+) ",
            rf"(?P<file>[\w./-]+):(?P<line>\d+)\] {TEXT}"),
    # Without structured data, which RFC 5424 asks for.
    _format("syslog", "<", r"<(?P<priority>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) ",
            r"(?P<program>\S+) (?P<pid>\S+) (?!\S+ (?:-(?: |\Z)|\[))", TEXT),
    # On a terminal logrus writes the seconds since its start.
    _format("logrus", "a", r"(?P<level>TRAC|DEBU|INFO|WARN|ERRO|FATA|PANI)\[\d{4,}\] ",
            TEXT),
    _format("Rich", "[", rf"(?P<time>\[\d\d/\d\d/\d\d {HOURS}\]) {LVL} +{TEXT}"),
    # Rich leaves a time out that is the same as in the line above.
    _format("Rich", "*", rf" {{15,}}{LVL} {{2,}}{TEXT}"),
    _format("uWSGI", "[", r"\[pid: (?P<pid>\d+)\|app: [^|]*\|req: [^\]]*\] ",
            rf"(?P<client>\S+) \([^)]*\) \{{[^}}]*\}} \[{CTIME}\] ",
            r"(?P<method>[A-Z]+) (?P<path>\S+) => generated (?P<size>\d+) bytes in ",
            r"(?P<duration>\d+ (?:msecs|micros|secs)) \(HTTP/(?P<version>[\d.]+) ",
            r"(?P<status>\d{3})\).*"),
    _format("Apache error log", "[", rf"\[{CTIME}\] \[(?:[\w-]*:)?(?P<level>\w+)\] ",
            r"(?:\[pid (?P<pid>\d+)(?::tid (?P<thread>\d+))?\] )?",
            rf"(?:\[client (?P<client>[^\]]+)\] )?{TEXT}"),
    _format("PostgreSQL", "dbracket", rf"{ISO} \[(?P<pid>\d+)\] (?:\S+@\S+ )?",
            r"(?P<level>LOG|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|DEBUG\d?|STATEMENT",
            rf"|DETAIL|HINT|CONTEXT|QUERY): +{TEXT}"),
)  # fmt: skip
