# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Secrets and personal data, taken out of spans and log records before they leave.

Use: `start_tracing("shop", wrap_exporter=Redaction().spans)`, or without that helper
`BatchSpanProcessor(Redaction().spans(OTLPSpanExporter()))`. The thread that exports
does the work: the code that makes spans pays nothing, and other span processors see
what they saw before.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.1.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export
    from redact import Redaction

    exporter = Redaction(keys=["shop.person.*"]).spans(OTLPSpanExporter())
    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(exporter))

    with trace.get_tracer("shop").start_as_current_span("pay") as span:
        span.set_attribute("shop.person.name", "Jane Doe")
        span.set_attribute("shop.note", "paid by jane@example.com")

You will see:
    pay
        shop.person.name = REDACTED
        shop.note = paid by REDACTED
"""

from __future__ import annotations

import base64
import copy
import dataclasses
import fnmatch
import functools
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.sdk._logs import ReadableLogRecord
from opentelemetry.sdk._logs.export import LogRecordExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Event, ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.util import BoundedList
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, Status, TraceState

__tracing_helper__ = True  # CodeLocation looks past frames of this file

_REDACTED = "REDACTED"  # the word that the conventions put into url.full


class Redaction:
    """Puts "REDACTED" in the place of what must not leave the process.

    Args:
        keys: More attributes whose values are secrets: "shop.iban", "shop.person.*".
        keep: Attributes whose values are left alone, such as an order's number that
            looks like a card's.
        patterns: More expressions; what they match is taken out of every text.

    Taken out is the value of an attribute with a name such as `password`, `api_key`,
    `x-auth-token`, `cookie` or `card_number`; and in each text (names, attributes and
    what is nested in them, events with their messages and stack traces, links, status
    descriptions, resource, scope, trace state):

    - `password=…`, `"api_key": "…"`, `--token …`, `Authorization: …` and the like,
    - the user and password of a URL, and what its query gives such a name,
    - bearer and basic credentials, JWTs, private keys, and the keys of AWS, GitHub,
      GitLab, Google, Slack, Stripe and others that are known by their beginning,
    - e-mail addresses,
    - the numbers of payment cards: 14, 15, 16 or 19 digits, in one or in the groups
      of a card, with the beginning and the check digit (Luhn) of one.

    A secret that has neither a telling name nor a telling form cannot be seen: for
    people's names, addresses and telephone numbers, use `keys`. And a number that is a
    card's in all these respects by chance is taken out too.
    What cannot be redacted because of an error is sent as a span without its values,
    or as no log record; the log says so once.
    Source: semantic conventions, "url.full", for what is left of a URL.

    >>> Redaction().text("card 4242 4242 4242 4242 declined")
    'card REDACTED declined'
    """

    def __init__(
        self,
        *,
        keys: Iterable[str] = (),
        keep: Iterable[str] = (),
        patterns: Iterable[re.Pattern[str]] = (),
    ) -> None:
        self._secret, self._keep = _one_of(keys), _one_of(keep)
        self._rules = [*_RULES, *((bool, one, _REDACTED) for one in patterns)]
        # The same names and texts come again and again; of texts only clean ones stay.
        self._treat = functools.lru_cache(4096)(self._treatment)
        self._clean: set[str] = set()
        self._made: dict[int, tuple[object, Any]] = {}

    def spans(self, exporter: SpanExporter) -> SpanExporter:
        """Return an exporter that hands redacted copies of spans to `exporter`."""
        return _Redacting(exporter, self._span)

    def logs(self, exporter: LogRecordExporter) -> LogRecordExporter:
        """Return an exporter that hands redacted log records to `exporter`."""
        return _Redacting(exporter, self._log)

    def text(self, text: str) -> str:
        """Return `text` without what looks like a secret.

        >>> Redaction().text("GET /reset?token=e4d909c2&page=2")
        'GET /reset?token=REDACTED&page=2'
        """
        if text in self._clean:
            return text
        found, lower = text, text.lower()
        for may_match, pattern, replacement in self._rules:
            if may_match(lower):
                found = pattern.sub(replacement, found)
        if found == text and len(text) <= 256:
            if len(self._clean) >= 4096:
                self._clean.clear()
            self._clean.add(text)
        return found

    def _span(self, span: ReadableSpan) -> ReadableSpan:
        status = span.status
        if status.description:
            status = Status(status.status_code, self.text(status.description))
        return ReadableSpan(
            name=self.text(span.name),
            context=self._context(span.context),
            resource=self._once(self._resource, span.resource),
            attributes=self._attributes(span.attributes, span.dropped_attributes),
            events=_counted(map(self._event, span.events), span.dropped_events),
            links=_counted(map(self._link, span.links), span.dropped_links),
            status=status,
            instrumentation_scope=self._once(self._scope, span.instrumentation_scope),
            **_shape(span),
        )

    def _log(self, record: ReadableLogRecord) -> ReadableLogRecord:
        given, clean = record.log_record, copy.copy(record.log_record)
        clean.body = self._look(given.body)
        dropped = record.dropped_attributes
        clean.attributes = self._attributes(given.attributes, dropped)
        clean.severity_text = self._look(given.severity_text)
        clean.event_name = self._look(given.event_name)
        clean.exception = None  # what is sent of it is among the attributes
        return dataclasses.replace(
            record,
            log_record=clean,
            resource=self._once(self._resource, record.resource),
            instrumentation_scope=self._once(self._scope, record.instrumentation_scope),
        )

    def _attributes(self, given: Mapping[str, Any] | None, dropped: int = 0) -> Any:
        items = given.items() if given else ()
        values = {self.text(name): self._treat(name)(value) for name, value in items}
        if not dropped:
            return values
        bounded = BoundedAttributes(attributes=values)
        bounded.dropped = dropped
        return bounded

    def _treatment(self, name: str) -> Callable[[Any], Any]:
        """Return what is to be done with the values that have this name."""
        if self._keep(name):
            return lambda value: value
        is_secret = self._secret(name) or _SECRET_NAME.search(name)
        return _hide if is_secret else self._look

    def _look(self, value: Any) -> Any:
        """Return a value of whatever type, without what looks like a secret in it."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._attributes(value)
        is_bytes = isinstance(value, bytes)
        if isinstance(value, Sequence) and not is_bytes:
            return self._sequence(value)
        text = value.decode(errors="replace") if is_bytes else str(value)
        found = self.text(text)
        return value if found == text else found

    def _sequence(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Return the values; one after `--password`, or paired with it, is a secret."""
        found: list[Any] = []
        name = ""
        for value in values:
            found.append(self._treat(name)(value))
            is_name = isinstance(value, str) and (value[:1] == "-" or len(values) == 2)
            name = value.lstrip("-") if is_name else ""
        return tuple(found)

    def _event(self, event: Event) -> Event:
        attributes = self._attributes(event.attributes, event.dropped_attributes)
        return Event(self.text(event.name), attributes, event.timestamp)

    def _link(self, link: Link) -> Link:
        attributes = self._attributes(link.attributes, link.dropped_attributes)
        return Link(self._context(link.context), attributes)

    def _context(self, context: SpanContext) -> SpanContext:
        """Return the same ids, without the entries of the trace state that tell."""
        if not context.trace_state:
            return context
        entries = context.trace_state.items()
        kept = [one for one in entries if self._treat(one[0])(one[1]) == one[1]]
        return SpanContext(*context[:4], TraceState(kept))

    def _resource(self, given: Resource) -> Resource:
        return Resource(self._attributes(given.attributes), given.schema_url)

    def _scope(self, given: InstrumentationScope | None) -> InstrumentationScope:
        given = given or InstrumentationScope("")
        names = given.name, given.version, given.schema_url
        name, version, url = map(self._look, names)
        attributes = self._attributes(given.attributes)
        return InstrumentationScope(name, version, url, attributes)

    def _once(self, make: Callable[[Any], Any], given: Any) -> Any:
        """Return `make(given)`, made once: there are few resources and scopes."""
        known = self._made.get(id(given))
        if known is None:
            if len(self._made) >= 256:
                self._made.clear()
            known = self._made[id(given)] = given, make(given)  # keeps the id taken
        return known[1]


class _Redacting(SpanExporter, LogRecordExporter):
    """Stands before an exporter of either kind."""

    def __init__(self, exporter: Any, redact: Callable[[Any], Any]) -> None:
        self._exporter, self._redact = exporter, redact
        self._said = False

    def export(self, batch: Sequence[Any]) -> Any:
        return self._exporter.export([*filter(None, map(self._safely, batch))])

    def _safely(self, item: Any) -> Any:
        """Return the item redacted; if that fails, what may be sent without a look."""
        try:
            return self._redact(item)
        except Exception as error:  # noqa: BLE001  nothing may leave by an error
            if not self._said:
                self._said = True
                # Neither its message nor its stack: they may hold the secret.
                logging.getLogger(__name__).error(_FAILED, type(error).__name__)  # noqa: TRY400
            return _bare(item) if isinstance(item, ReadableSpan) else None

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis) is not False


_FAILED = "%s while redacting (said once): what is concerned is sent without values."


def _bare(span: ReadableSpan) -> ReadableSpan:
    """Return what keeps the trace in one piece: ids, times, kind and status code."""
    return ReadableSpan(
        name=_REDACTED,
        context=SpanContext(*span.context[:4]),  # the fifth is the trace state
        resource=Resource.get_empty(),
        status=Status(span.status.status_code),
        **_shape(span),
    )


def _shape(span: ReadableSpan) -> dict[str, Any]:
    return {k: getattr(span, k) for k in ("parent", "kind", "start_time", "end_time")}


def _hide(value: Any) -> Any:
    if value is None or isinstance(value, bool):  # says only whether there is one
        return value
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return (_REDACTED,) if is_list else _REDACTED


def _counted(values: Iterable[Any], dropped: int) -> Sequence[Any]:
    """Return the events or links of a span that had to drop some before."""
    kept: BoundedList[Any] = BoundedList.from_seq(None, values)
    kept.dropped = dropped
    return kept


def _one_of(names: Iterable[str]) -> Callable[[str], object]:
    """Return what says whether a name is one of `names`, as "shop.person.*"."""
    return re.compile("|".join(map(fnmatch.translate, names)) or "(?!)", re.I).match


def _card(match: re.Match[str]) -> str:
    """Replace the number if it is a card's."""
    digits = re.sub("%20|[^0-9]", "", match[0])
    return _REDACTED if _CARDS.fullmatch(digits) and _luhn(digits) else match[0]


def _luhn(digits: str) -> bool:
    """Say whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    weighed = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(one, 10)) for one in weighed) % 10 == 0


def _basic(match: re.Match[str]) -> str:
    """Replace what follows "Basic" if it is a user and a password, and no prose."""
    try:
        decoded = base64.b64decode(match[2] + "==")
    except ValueError:
        return match[0]
    return match[1] + _REDACTED if b":" in decoded else match[0]


# A name with one of these names a secret, wherever it stands in the name …
_ANYWHERE = (
    r"pass(?:word|wd|phrase)|identified by|secret(?!s?manager|\.arn)|cvv|cvc|credential"
    r"|authorization|cookie|(?:api|access|private|account|signing|encryption)[_.-]?key"
    r"|card[_.-]?number"
)
# … and one that ends with one of these: "token", but neither "tokens" nor "token.type".
_AT_THE_END = r"token|signature|(?<![a-z])(?:sig|pwd|pin|otp|ssn|iban|pan)"
_SECRET_NAME = re.compile(rf"{_ANYWHERE}|(?:{_AT_THE_END})$", re.IGNORECASE)

# `name=value` in a text, with the value in quotes (which may be escaped, or have lost
# their end), in brackets, or bare; but not what SQL and Python write for "no value".
_NAME = rf"(?:{_ANYWHERE})[\w-]{{0,40}}|(?:{_AT_THE_END})(?![\w-])"
_QUOTE = r"\\{0,3}[\"']"
_SIGN = rf"(?:{_QUOTE})?\s{{0,3}}(?:=>|[:=>]|(?P<url>%3[ad])|[,\s](?=\s?b?{_QUOTE}))\s*"
_NOTHING = r"(?:none|null|true|false|\?|%(?:\(\w{1,40}\))?s|\$\d)(?=[\s,;&)\]}\"']|\Z)"
_QUOTED = rf"(?P<quote>{_QUOTE})(?:\\.|[^\\])*?(?:(?P=quote)|\Z)"
_BARE = r"(?:(?(url)(?!%26))[^\s&;,<\"']|,(?![\s\"']|[\w.-]{1,40}[=:]))+"
_MORE = rf"(?:\s*[:=]\s*(?:{_QUOTED.replace('quote', 'next')}|{_BARE})){{0,3}}"
_NAMED = re.compile(
    rf"(?P<name>(?:{_NAME}){_SIGN}(?:b(?={_QUOTE}))?)(?!{_NOTHING})"
    rf"(?:{_QUOTED}{_MORE}|[\[{{(][^\])}}]*[\])}}]?|(?:(?:bearer|basic|token)\s+)?{_BARE})",
    re.IGNORECASE | re.DOTALL,
)
_HEADER = r"(?i)((?:authorization|cookie)[ \t]{0,3}[:=])[ \t]{0,3}[^\s\"'][^\r\n\"']*"
_OPTION = rf"(?i)((?<![\w-])--?[\w-]{{0,40}}?(?:{_NAME})\s+)(?!-)(?:{_QUOTED}|\S+)"

_BEARER = r"(?i)\b(bearer\s{1,3})(?=[a-z.]*[0-9~+/=_-]|\S{16})[\w.~+/=-]{8,}"
_BASIC = r"(?i)\b(basic\s{1,3})([\w+/-]{4,4096})={0,2}"
# JWT and its encrypted form. Whether a dot follows is asked once in a run of letters,
# and nothing is tried twice: "eyJeyJ…" would else take time that grows with its square.
_JWT = (
    r"(?<![\w-])(?=[\w-]*+\.)([\w-]*?)(?<![A-Za-z0-9])eyJ[\w-]{6,}+(?:\.[\w-]*+){1,4}"
)
_TOKENS = (  # AWS; what else begins with the issuer's mark
    r"(?<![A-Za-z0-9])(?:A(?:KIA|SIA|BIA|CCA|GPA|IDA|ROA|NPA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|sk-(?=[\w-]{0,255}[0-9])[\w-]{20,255}|(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-"
    r"|xapp-|[prs]k_(?:live|test)_|whsec_|AIza|ya29\.|GOCSPX-|pypi-|SG\."
    r"|(?:hf|npm)_(?=[A-Za-z0-9]{30}))[\w.+/=-]{16,4096})"
)
_KEY_EDGE = r"[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----"
_PRIVATE_KEY = rf"(?s)-----BEGIN {_KEY_EDGE}.*?(?:-----END {_KEY_EDGE}|\Z)"
# Not "REDACTED@": after that comes the host of a URL.
_EMAIL = rf"[\w.+'!#$*^~%-]{{1,64}}(?<!{_REDACTED})(?:@|%40)(?:[\w-]+\.)+[^\W\d_]{{2,}}"

# Beginnings and lengths that are issued today; Visa's 13 digits no longer are.
_CARDS = re.compile(  # Visa; Mastercard, Maestro, Discover, UnionPay; Amex; Diners; JCB
    r"4.{15}|4.{18}|[56].{15}|[56].{18}|2(?:22[1-9]|2[3-9].|[3-6]..|7[01].|720).{12}"
    r"|3[47].{13}|3(?:0[0-5]|[689].).{11}|35(?:2[89]|[3-8].).{12}"
)
# One number, or groups of 4-4-4-4, 4-4-4-4-3, 4-6-5 or 4-6-4; but no decimal places,
# and not in the midst of a hexadecimal id.
_CARD = (
    r"(?<![0-9])(?<![0-9]\.)(?<![0-9a-fA-F]{4})[2-6][0-9]{3}(?:[0-9]{10,15}"
    r"|([ ._+/\u00a0-]|%20)(?:[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?"
    r"|[0-9]{6}\1[0-9]{4,5}))(?![0-9])(?![0-9a-fA-F]{4})"
)

_has_sign, _has_name = re.compile("[=:>,'\"]|%3").search, re.compile(_NAME).search


def _may_be_named(lower: str) -> object:
    return _has_sign(lower) and _has_name(lower)


# In this order: a quick test of the text in small letters, which keeps what is clean
# down to microseconds; what is secret; what comes in its place.
_RULES: list[tuple[Callable[[str], object], re.Pattern[str], Any]] = [
    (test if callable(test) else re.compile(test).search, re.compile(pattern), instead)
    for test, pattern, instead in (
        ("private key", _PRIVATE_KEY, _REDACTED),
        ("://", r"(?<=://)[^/\s?#\"'<>]+@", f"{_REDACTED}:{_REDACTED}@"),
        ("bearer", _BEARER, rf"\1{_REDACTED}"),
        ("basic", _BASIC, _basic),
        ("authorization|cookie", _HEADER, rf"\1 {_REDACTED}"),
        (_may_be_named, _NAMED, rf"\g<name>\g<quote>{_REDACTED}\g<quote>"),
        (r"(?<![\w-])--?\w", _OPTION, rf"\1\g<quote>{_REDACTED}\g<quote>"),
        ("eyj", _JWT, rf"\1{_REDACTED}"),
        ("[a-z0-9_-]{15}", _TOKENS, _REDACTED),
        ("@|%40", _EMAIL, _REDACTED),
        ("[2-6][0-9]{3}", _CARD, _card),
    )
]
