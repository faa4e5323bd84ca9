"""The table of line formats: the default formats of programs and servers.

    TABLE[0].pattern.match("2026-11-24 08:00:00.123 | INFO     | shop:sell:7 - sold")

Special formats come before general ones. No two special formats may match the same
line, since the format of the last line is tried first.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.formats.containers import KUBERNETES
from tracing_starter_kit.log_reader.formats.levels import LEVEL
from tracing_starter_kit.log_reader.formats.lines import Format
from tracing_starter_kit.log_reader.formats.more_servers import MORE_SERVERS
from tracing_starter_kit.log_reader.formats.proxies import PROXIES
from tracing_starter_kit.log_reader.formats.zones import ABBREVIATIONS

DAY = r"\d{4}-\d\d-\d\d[T ]"
HOURS = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
ZONE = rf"(?: ?(?:Z\b|[+-]\d\d:?\d\d\b|(?:{ABBREVIATIONS})\b))?"
ISO = rf"(?P<time>{DAY}{HOURS}{ZONE})"
MAYBE_DAY = rf"(?P<time>(?:{DAY})?{HOURS}{ZONE})"
SLASHED = r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?"
SLASHES = rf"(?P<time>{SLASHED})"
ANY_TIME = rf"(?P<time>{DAY}{HOURS}{ZONE}|{SLASHED})"
DATE = r"\d\d/\w{3}/\d{4}"
LVL = rf"(?P<level>{LEVEL})"
LOGGER = r"(?P<logger>[A-Za-z_][\w.$/-]*)"
# The word before a colon is a logger if it is dotted, or in lower case and not the name
# of an event: in `ERROR Failed: no card` the whole text is the message.
HAPPENED = (
    r"(?:(?:start|end|finish|fail|crash|abort|reject|cancel|kill|process|handle|perform"
    r"|execute|receive|complete|queue|enqueue|publish|schedule|submit|raise|succeed)"
    r"(?:e?d|ing|s)?|begin|running|receiving|completing|done|success|failure|retry"
    r"|retrying|timeout|cancelled|error|exception|warning|critical|fatal|note|result"
    r"|task|job|request|message|status):"
)
NAME = (
    rf"(?!{HAPPENED})"
    r"(?P<logger>[a-z_][\w.$/-]*|[A-Za-z_][\w$-]*\.[\w.$/-]+)"
)
# A level as the first word of a sentence: `Error processing job 7`.
SPOKEN = (
    r"(?:[Ee]rror|[Ww]arning|[Ff]atal|critical|alert|panic|notice|trace)"
    r" (?=[^\s:|\[(-])"
)
SENTENCE = rf"(?P<message>(?=(?P<level>\w+)){SPOKEN}.*)"
THREAD = r"\[ *(?P<thread>[^\]]*)\]"
PID = r"(?P<pid>\d+)"
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
# Rails' request ids; those of mod_unique_id have 24 or 27 characters.
REQUEST_TAG = (
    rf"(?:{UUID}|(?=\w*\d)(?=\w*[A-Za-z])\w{{20,64}}"
    r"|(?=[\w@-]*\d)(?=[\w@-]*[A-Z])(?=[\w@-]*[a-z])(?:[\w@-]{27}|[\w@-]{24}))"
)
REQUEST_ID = r"\[(?P<request_id>[\w-]{8,})\] "
TAG = r"(?:\[[^\]]*\] )"
CLIENT = r"(?P<client>[^\s\[{<]\S*)"
QUOTED = r'(?:[^"\\]|\\.)*'
REQUEST = (
    r'"(?:(?P<method>[A-Z]+) (?P<path>[^\s"]+)(?: HTTP/(?P<version>[\d.]+))?'
    rf'|{QUOTED})"'
)
ANSWER = r"(?P<status>\d{3}) (?P<size>\d+|-)"
AGENT = rf'(?: "(?P<referrer>{QUOTED})" "(?P<agent>{QUOTED})")?'
COMMON = (
    rf"{CLIENT} \S+ (?P<user>\S+) \[(?P<time>{DATE}:{HOURS} [+-]\d{{4}})\] "
    rf"{REQUEST} {ANSWER}{AGENT}(?P<context>.*)"
)
PROGRAM = r"(?P<host>\S+) (?P<program>[^\s:\[\]]+)(?:\[(?P<pid>\d+)\])?: "
TEXT = r"(?P<message>.*)"
# logback writes key-value pairs between two dashes.
JAVA_DASH = rf'(?: -(?P<context>(?:[^\s"]+="{QUOTED}" ?)*)-| -|:)'

# Spring Boot 3.2 writes both ids in a bracket, which is blank without a trace.
SPRING_TRACE = (
    r"(?:\[(?: *|(?P<trace_id>[0-9A-Fa-f]{32})-(?P<span_id>[0-9A-Fa-f]{16}))\] )?"
)

RUBY_LOGGER = rf"[DIWEFA], \[{ISO} #{PID}\] +{LVL} -- (?P<logger>[^:]*): "
STARTS = r'Started [A-Z]+ "'
STARTED = r'Started (?P<method>[A-Z]+) "(?P<path>[^"]*)" for (?P<client>\S+) at '


def _format(name: str, starts: str, *pieces: str, general: bool = False) -> Format:
    return Format(name, starts, re.compile("".join(pieces), re.DOTALL), general)


PYTHON = (
    _format("loguru", "dbar", rf"{ISO} \| {LVL} *\| (?P<logger>[\w.]+|None):",
            rf"(?P<function>[\w<>]+|None):(?P<line>\d+|None) - {TEXT}"),
    _format("Python logging", "ddash", rf"{ISO} - {LOGGER} - {LVL} - {TEXT}"),
    _format("Python logging", "dl", rf"{ISO}[ :]{LVL} ?: ?{NAME}:",
            rf"(?!//|\d{{2,5}}[ /]){TEXT}"),
    _format("Python logging", "dl dbracket", rf"{ISO} (?!{SPOKEN})\[?{LVL}\]? +",
            rf"{NAME}: {TEXT}"),
    _format("Python logging", "dw", rf"{ISO} {LOGGER} +{LVL} +{TEXT}"),
    _format("Python logging", "a", rf"{LVL}:{LOGGER}:{TEXT}"),
    _format("structlog", "dbracket", rf"{ISO} \[(?P<level>{LEVEL}|exception) *\] ",
            r"(?P<message>(?:.*?\S)?) *",
            r"(?:\[(?P<logger>[\w.]+)\] *(?P<context>\S+=.*)?)?\Z"),
    _format("Celery", "[", rf"\[{ISO}: {LVL}/(?P<process>[^\]]+)\] {TEXT}"),
    _format("gunicorn", "[", rf"\[{ISO}\] \[{PID}\] \[{LVL}\] {TEXT}"),
    _format("uvicorn access log", "a", rf"{LVL}: +(?P<client>\S+):\d+ - ", REQUEST,
            r" (?P<status>\d{3})\b.*"),
)  # fmt: skip

JAVA = (
    _format("Spring Boot", "dl", rf"{ISO} +{LVL} {PID} --- (?:\[[^\]]*\] )??{THREAD} ",
            rf"{SPRING_TRACE}(?P<logger>[^\s\[]\S*) *: {TEXT}"),
    _format("log4j / logback", "dbracket", rf"{MAYBE_DAY} {THREAD} {LVL} +",
            rf"(?P<logger>[\w.$\[\]/-]*[\w$\]]){JAVA_DASH} {TEXT}"),
    _format("log4j / logback", "dl", rf"{MAYBE_DAY} {LVL} +{THREAD} ",
            rf"\(?(?P<logger>[\w.$]+)\)?(?::\d+)?(?: -|:)? {TEXT}"),
    _format("log4j / logback", "dl", rf"{MAYBE_DAY} {LVL} +(?P<logger>[\w.$]+)",
            rf"(?::(?P<line>\d+))? - {TEXT}"),
    _format("log4j / logback", "a *", rf" ?{LVL} +{ISO} +{THREAD} +",
            rf"(?P<logger>[\w.$]+){JAVA_DASH} {TEXT}"),
)  # fmt: skip

RUBY = (
    _format("Sidekiq", "dw", rf"{ISO} pid={PID} tid=(?P<thread>\w+) ",
            rf"(?P<context>(?:[\w.]+=\S+ )*){LVL}: {TEXT}"),
    _format("Sidekiq", "dw", rf"{ISO} {PID} TID-(?P<thread>\w+) ",
            rf"(?:(?P<job_class>\S+) JID-(?P<jid>\w+) )?{LVL}: {TEXT}"),
    _format("Rails", "a [", rf"(?:{REQUEST_ID})?(?P<message>{STARTED}{ISO})\Z"),
    _format("Rails", "[", rf"\[(?P<request_id>{REQUEST_TAG})\](?! {STARTS}) ?{TEXT}"),
    _format("Ruby logger", "a", rf"{RUBY_LOGGER}(?:{REQUEST_ID})?",
            rf"(?P<message>{STARTED}.*)"),
    _format("Ruby logger", "a", rf"{RUBY_LOGGER}(?!{TAG}?{STARTS})",
            rf"(?:{REQUEST_ID})?{TEXT}"),
)  # fmt: skip

SERVERS = (
    _format("nginx error", "dbracket", rf"{SLASHES} \[(?P<level>[a-z]+)\] {PID}#",
            rf"(?P<thread>\d+): (?:\*(?P<connection>\d+) )?{TEXT}"),
    _format("Go slog", "dl", rf"{SLASHES} (?P<level>DEBUG|INFO|WARN|ERROR)",
            rf"(?:[+-]\d+)? {TEXT}"),
    _format("access log", "*", COMMON),
    _format("access log", "a d", r"(?P<server>[^\s:]+):(?P<port>\d+) ", COMMON),
    _format("Django / Werkzeug access log", "*", rf"(?:{CLIENT} \S+ \S+ )?",
            rf"\[(?P<time>{DATE} {HOURS})\] ", REQUEST, " ", ANSWER, r"\Z"),
    _format(KUBERNETES, "dstream", rf"{ISO} (?P<stream>stdout|stderr) [FP](?::\S+)? ",
            TEXT),
    _format("journalctl", "dw", rf"(?P<time>{DAY}{HOURS}[+-]\d\d:?\d\d) ", PROGRAM,
            TEXT),
    _format("syslog", "<", r"<(?P<priority>\d{1,3})>1 (?P<time>\S+) (?P<host>\S+) ",
            r"(?P<program>\S+) (?P<pid>\S+) \S+ ",
            r"(?:-|(?P<structured>(?:\[(?:[^\]\\]|\\.)*\])+))(?: |\Z)\ufeff?", TEXT),
    _format("syslog", "< a", r"(?:<(?P<priority>\d{1,3})>)?",
            rf"(?P<time>[A-Z][a-z]{{2}} [ \d]\d {HOURS}) {PROGRAM}", TEXT),
)  # fmt: skip

# All classes of lines with a time first.
TIMED = "d dl dw ddash dbar dbracket dstream"
GENERAL = (
    _format("level, time and text", "a * [", rf" ?\[?{LVL}\]?:? +\[?{ANY_TIME}\]?",
            rf"(?:[:,]? +|\Z)(?:- )?{TEXT}", general=True),
    _format("level and text", "a", rf"{LVL}: +{TEXT}", general=True),
    _format("time, level and text", "dl ddash dbar dbracket",
            rf"{ANY_TIME}(?! ?{SPOKEN}) ?[-:|]? ?[\[(|]? ?{LVL}\b ?[\])|:-]* *{TEXT}",
            general=True),
    _format("time, level and text", "[", rf"\[{ANY_TIME}\](?! ?:? ?{SPOKEN}) ?:? ?",
            rf"\[?{LVL}\b\]? ?[:-]? *{TEXT}", general=True),
    _format("time, level and text", "dl", rf"{ANY_TIME} ?{SENTENCE}", general=True),
    _format("time, level and text", "[", rf"\[{ANY_TIME}\] ?:? ?{SENTENCE}",
            general=True),
    _format("time and text", TIMED, rf"{ANY_TIME}(?:[:,]? +|\Z)(?:- )?{TEXT}",
            general=True),
    _format("time and text", "[", rf"\[{ANY_TIME}\] ?:? ?{TEXT}", general=True),
)  # fmt: skip

TABLE = (*PYTHON, *JAVA, *RUBY, *MORE_SERVERS, *PROXIES, *SERVERS, *GENERAL)
FORMATS = {
    start: [f for f in TABLE if start in f.starts.split() or f.starts == "*"]
    for start in (*TIMED.split(), "a", "[", "<", "*")
}
