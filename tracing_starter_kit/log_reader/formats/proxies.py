r"""The formats of services that print each request: AWS, Envoy, HAProxy, OpenStack.

    PROXIES[0].pattern.match("2026-11-24T08:00:00Z START RequestId: 0b0d2cb3-…")

A part of the table of formats. A group `begin` is the time at which a request came in;
the others write the time at its end.
"""

from __future__ import annotations

import re

from tracing_starter_kit.log_reader.formats.levels import LEVEL
from tracing_starter_kit.log_reader.formats.lines import Format

HOURS = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
MOMENT = rf"\d{{4}}-\d\d-\d\d[T ]{HOURS}Z?"
TIME = rf"(?P<time>{MOMENT})"
AHEAD = rf"(?:{MOMENT} )?"  # CloudWatch's time, before the program's own
UUID = r"[0-9a-f]{8}-[0-9a-f-]{27}"
REQUEST_ID = rf"(?P<request_id>{UUID})"
LVL = rf"(?P<level>{LEVEL})"
TEXT = r"(?P<message>.*)"
REQUEST = r'"(?P<method>[A-Z]+) (?P<path>[^\s"]+) HTTP/(?P<version>[\d.]+)"'
MAYBE_SYSLOG = rf"(?:(?:<\d+>)?[A-Z][a-z]{{2}} [ \d]\d {HOURS} \S+ \S+: )?"
OSLO = (
    rf"{TIME} (?P<pid>\d+) {LVL} (?P<logger>[\w.]+) "
    r"\[(?:(?P<request_id>req-[\w-]+)|-)[^\]]*\] "
)
OSLO_REQUEST = rf"(?P<client>\S+) {REQUEST} status: (?P<status>\d{{3}}) len: "


def _format(name: str, starts: str, *pieces: str) -> Format:
    return Format(name, starts, re.compile("".join(pieces), re.DOTALL))


PROXIES = (
    _format("AWS Lambda", "dw a", rf"(?:{TIME}\s)?(?P<message>(?:START|END|REPORT) ",
            rf"RequestId: {REQUEST_ID}(?:\s+Duration: (?P<duration>[\d.]+ ms)\b",
            r"(?:.*?Init Duration: (?P<init>[\d.]+ ms))?)?.*)"),
    _format("AWS Lambda", "dbracket [", rf"{AHEAD}\[{LVL}\]\t{TIME}\t{REQUEST_ID}\t",
            TEXT),
    _format("AWS Lambda", "dw d", rf"{AHEAD}{TIME}\s{REQUEST_ID}(?:\t{LVL}\t| )",
            TEXT),
    _format("AWS load balancer", "a", rf"(?:https?|h2|grpcs?|wss?) {TIME} \S+ ",
            r"(?P<client>\S+?):\d+ \S+ -?[\d.]+ (?P<seconds>[\d.]+) -?[\d.]+ ",
            r"(?P<status>\d{3}) \S+ \d+ (?P<size>\d+) ",
            r'"(?P<method>[A-Z]+) \w+://[^/\s]*(?P<path>/\S*) HTTP/[\d.]+".*'),
    _format("Envoy", "[", rf"\[(?P<begin>{MOMENT})\] {REQUEST} (?P<status>\d{{3}}) ",
            r"\S+ (?:\S+ \S+ \S+ )??(?:\"[^\"]*\" )?\d+ (?P<size>\d+) (?P<millis>\d+) ",
            r'\S+ "(?P<client>[^"]*)" "(?P<agent>[^"]*)" "(?P<request_id>[^"]*)".*'),
    _format("HAProxy", "a < d *", rf"{MAYBE_SYSLOG}(?P<client>[^\s\[]+):\d+ ",
            r"\[(?P<begin>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d(?:\.\d+)?)\] \S+ \S+/\S+ ",
            r"-?\d+/-?\d+/-?\d+/-?\d+/\+?(?P<millis>\d+) (?P<status>\d{3}) ",
            rf"\+?(?P<size>\d+) .*{REQUEST}.*"),
    _format("oslo.log", "dw", OSLO, rf"(?:{OSLO_REQUEST}(?P<size>\d+) ",
            rf"time: (?P<seconds>[\d.]+).*|{TEXT})"),
)  # fmt: skip
