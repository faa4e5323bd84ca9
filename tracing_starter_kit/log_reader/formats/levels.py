"""Convert a log's level, a name or a number, to OTLP's severity number.

    severity("WARNING")       # 13, OTLP's WARN

An unknown level is 0.
"""

from __future__ import annotations

LEVELS = {
    **dict.fromkeys(("trace", "finest", "finer", "trac", "t"), 1),
    **dict.fromkeys(("debug", "fine", "debg", "debu", "d"), 5),
    **dict.fromkeys(("info", "information", "config", "success", "i"), 9),
    **dict.fromkeys(("log",), 9),  # PostgreSQL's
    "notice": 10,
    **dict.fromkeys(("warn", "warning", "w"), 13),
    **dict.fromkeys(("error", "err", "severe", "exception", "erro", "e"), 17),
    **dict.fromkeys(("critical", "crit", "dpanic"), 18),
    **dict.fromkeys(("alert",), 19),
    **dict.fromkeys(("fatal", "panic", "emerg", "emergency", "fata", "pani", "f"), 21),
}
# A level as a word, for patterns: in upper case, lower case or capitalised.
LEVEL = (
    r"(?:TRACE|FINEST|FINER|FINE|DEBUG|INFO|NOTICE|SUCCESS|WARN(?:ING)?|ERROR|ERR|SEVERE"
    r"|CRIT(?:ICAL)?|ALERT|FATAL|PANIC|EMERG|trace|debug|info|notice|warn(?:ing)?|error"
    r"|err|crit(?:ical)?|alert|fatal|panic|emerg|Debug|Info|Warn(?:ing)?|Error|Fatal)"
)
# syslog's priorities, the journal's too (RFC 5424, 6.2.1; OTLP's data model, appendix).
SYSLOG = (21, 19, 18, 17, 13, 10, 9, 5)
# bunyan and pino: 10 trace, 20 debug, 30 info, 40 warn, 50 error, 60 fatal.
NUMBERED = {10: 1, 20: 5, 30: 9, 40: 13, 50: 17, 60: 21}


def severity(level: str | int) -> int:
    """Return OTLP's severity number, or 0 for an unknown level."""
    if isinstance(level, int):
        return NUMBERED.get(level, SYSLOG[level] if 0 <= level < 8 else 0)
    return LEVELS.get(level.lower(), 0)
