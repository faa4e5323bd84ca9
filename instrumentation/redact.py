# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Secrets and personal data, taken out of spans and log records before they leave.

Use: `start_tracing("shop", wrap_exporter=Redaction().spans)`, or without that helper
`BatchSpanProcessor(Redaction().spans(OTLPSpanExporter()))`. The exporting thread does
the work: the code that makes spans pays nothing, and other span processors still see
the original values.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

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

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

_REDACTED = "REDACTED"  # the word that the conventions put into url.full


class Redaction:
    """Replaces secrets with "REDACTED" before they leave the process.

    Args:
        keys: More attributes whose values are secrets: "shop.iban", "shop.person.*".
        keep: Attributes whose values stay, such as an order number that looks like a
            card number.
        patterns: More expressions to replace in every text.

    The value of an attribute is a secret if its name is like `password`, `api_key`,
    `x-auth-token`, `cookie` or `card_number`. In every text (names, attributes and
    values nested in them, events with their messages and stack traces, links, status
    descriptions, resource, scope, trace state) these are replaced:

    - `password=…`, `"api_key": "…"`, `--token …`, `Authorization: …` and the like,
    - the user and password of a URL, and query values with such a name,
    - bearer and basic credentials, JWTs, private keys, and the keys of AWS, GitHub,
      GitLab, Google, Slack, Stripe and others that begin with their issuer's mark,
    - e-mail addresses,
    - payment card numbers: 14, 15, 16 or 19 digits, in one piece or in the groups of a
      card, that begin as cards do and pass the check digit (Luhn).

    A secret with neither a typical name nor a typical form stays: use `keys` for
    people's names, addresses and telephone numbers. A number that looks like a card's
    in all these respects by chance is replaced.
    If redaction itself fails, a span is sent without its values and a log record is
    not sent at all; the log says so once.
    Source: semantic conventions, "url.full", for the parts of a URL.

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
        self._is_secret, self._is_exempt = _name_matcher(keys), _name_matcher(keep)
        self._rules = [*_RULES, *((bool, pattern, _REDACTED) for pattern in patterns)]
        # The same names and texts come again and again. Only clean texts are cached.
        self._treatment = functools.lru_cache(4096)(self._choose_treatment)
        self._clean_texts: set[str] = set()
        self._shared: dict[int, tuple[object, Any]] = {}

    def spans(self, exporter: SpanExporter) -> SpanExporter:
        """Return an exporter that hands redacted copies of spans to `exporter`."""
        return _RedactingExporter(exporter, self._span)

    def logs(self, exporter: LogRecordExporter) -> LogRecordExporter:
        """Return an exporter that hands redacted log records to `exporter`."""
        return _RedactingExporter(exporter, self._log)

    def text(self, text: str) -> str:
        """Return `text` with its secrets replaced.

        >>> Redaction().text("GET /reset?token=e4d909c2&page=2")
        'GET /reset?token=REDACTED&page=2'
        """
        if text in self._clean_texts:
            return text
        redacted, lower = text, text.lower()
        for may_match, pattern, replacement in self._rules:
            if may_match(lower):
                redacted = pattern.sub(replacement, redacted)
        if redacted == text and len(text) <= 256:
            if len(self._clean_texts) >= 4096:
                self._clean_texts.clear()
            self._clean_texts.add(text)
        return redacted

    def _span(self, span: ReadableSpan) -> ReadableSpan:
        status = span.status
        return ReadableSpan(
            name=self.text(span.name),
            context=self._context(span.context),
            resource=self._once(self._resource, span.resource),
            attributes=self._attributes(span.attributes, span.dropped_attributes),
            events=_counted(map(self._event, span.events), span.dropped_events),
            links=_counted(map(self._link, span.links), span.dropped_links),
            status=Status(status.status_code, self._value(status.description)),
            instrumentation_scope=self._once(self._scope, span.instrumentation_scope),
            **_shape(span),
        )

    def _log(self, record: ReadableLogRecord) -> ReadableLogRecord:
        log, clean = record.log_record, copy.copy(record.log_record)
        clean.body = self._value(log.body)
        clean.attributes = self._attributes(log.attributes, record.dropped_attributes)
        clean.severity_text = self._value(log.severity_text)
        clean.event_name = self._value(log.event_name)
        clean.exception = None  # its type, message and stack are among the attributes
        return dataclasses.replace(
            record,
            log_record=clean,
            resource=self._once(self._resource, record.resource),
            instrumentation_scope=self._once(self._scope, record.instrumentation_scope),
        )

    def _attributes(self, original: Mapping[str, Any] | None, dropped: int = 0) -> Any:
        items = original.items() if original else ()
        values = {self.text(k): self._treatment(k)(value) for k, value in items}
        if not dropped:
            return values
        bounded = BoundedAttributes(attributes=values)
        bounded.dropped = dropped
        return bounded

    def _choose_treatment(self, name: str) -> Callable[[Any], Any]:
        """Return the function to apply to values with this name."""
        if self._is_exempt(name):
            return lambda value: value
        is_secret = self._is_secret(name) or _SECRET_NAME.search(name)
        return _hide if is_secret else self._value

    def _value(self, value: Any) -> Any:
        """Return a value of any type with the secrets in it replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return self._attributes(value)
        is_bytes = isinstance(value, bytes)
        if isinstance(value, Sequence) and not is_bytes:
            return self._sequence(value)
        text = value.decode(errors="replace") if is_bytes else str(value)
        redacted = self.text(text)
        return value if redacted == text else redacted

    def _sequence(self, values: Sequence[Any]) -> tuple[Any, ...]:
        """Redact the values, also a bare one after `--password` or paired with it."""
        redacted: list[Any] = []
        name = ""
        for value in values:
            redacted.append(self._treatment(name)(value))
            is_name = isinstance(value, str) and (value[:1] == "-" or len(values) == 2)
            name = value.lstrip("-") if is_name else ""
        return tuple(redacted)

    def _event(self, event: Event) -> Event:
        attributes = self._attributes(event.attributes, event.dropped_attributes)
        return Event(self.text(event.name), attributes, event.timestamp)

    def _link(self, link: Link) -> Link:
        attributes = self._attributes(link.attributes, link.dropped_attributes)
        return Link(self._context(link.context), attributes)

    def _context(self, context: SpanContext) -> SpanContext:
        """Return the same ids, without trace state entries that hold a secret."""
        if not context.trace_state:
            return context
        entries = context.trace_state.items()
        harmless = [(k, v) for k, v in entries if self._treatment(k)(v) == v]
        return SpanContext(*context[:4], TraceState(harmless))

    def _resource(self, resource: Resource) -> Resource:
        return Resource(self._attributes(resource.attributes), resource.schema_url)

    def _scope(self, scope: InstrumentationScope | None) -> InstrumentationScope:
        scope = scope or InstrumentationScope("")
        names = scope.name, scope.version, scope.schema_url
        name, version, schema_url = map(self._value, names)
        attributes = self._attributes(scope.attributes)
        return InstrumentationScope(name, version, schema_url, attributes)

    def _once(self, redact: Callable[[Any], Any], original: Any) -> Any:
        """Return `redact(original)`, computed once: resources and scopes are few."""
        entry = self._shared.get(id(original))
        if entry is None:
            if len(self._shared) >= 256:
                self._shared.clear()
            # The original is part of the entry so that its id is not used again.
            entry = self._shared[id(original)] = original, redact(original)
        return entry[1]


class _RedactingExporter(SpanExporter, LogRecordExporter):
    """Redacts spans or log records, and hands them to another exporter."""

    def __init__(self, exporter: Any, redact: Callable[[Any], Any]) -> None:
        self._exporter, self._redact = exporter, redact
        self._has_logged = False

    def export(self, batch: Sequence[Any]) -> Any:
        return self._exporter.export([*filter(None, map(self._redact_safely, batch))])

    def _redact_safely(self, item: Any) -> Any:
        """Return the item redacted; if that fails, a span without values, or None."""
        try:
            return self._redact(item)
        except Exception as error:  # noqa: BLE001 - an error must not let a secret out
            if not self._has_logged:
                self._has_logged = True
                # Neither its message nor its stack: they may hold the secret.
                logging.getLogger(__name__).error(_FAILED, type(error).__name__)  # noqa: TRY400
            return _bare(item) if isinstance(item, ReadableSpan) else None

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        return self._exporter.force_flush(timeout_millis) is not False


_FAILED = "%s while redacting: its values or log record are dropped (logged once)."


def _bare(span: ReadableSpan) -> ReadableSpan:
    """Return a span that keeps its trace whole: ids, times, kind and status code."""
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
    if value is None or isinstance(value, bool):  # tells only whether there is a secret
        return value
    is_list = isinstance(value, Sequence) and not isinstance(value, str | bytes)
    return (_REDACTED,) if is_list else _REDACTED


def _counted(values: Iterable[Any], dropped: int) -> Sequence[Any]:
    """Return the events or links of a span, with the number it had to drop before."""
    counted: BoundedList[Any] = BoundedList.from_seq(None, values)
    counted.dropped = dropped
    return counted


def _name_matcher(names: Iterable[str]) -> Callable[[str], object]:
    """Return a predicate that matches any of `names`, such as "shop.person.*"."""
    return re.compile("|".join(map(fnmatch.translate, names)) or "(?!)", re.I).match


def _card(match: re.Match[str]) -> str:
    """Replace the number if it is a card's."""
    digits = re.sub("%20|[^0-9]", "", match[0])
    return _REDACTED if _CARDS.fullmatch(digits) and _luhn(digits) else match[0]


def _luhn(digits: str) -> bool:
    """Return whether the last digit checks the others (ISO/IEC 7812-1, annex B)."""
    weighted = (int(digit) * (1 + i % 2) for i, digit in enumerate(reversed(digits)))
    return sum(sum(divmod(number, 10)) for number in weighted) % 10 == 0


def _basic(match: re.Match[str]) -> str:
    """Replace the word after "Basic" if it decodes to a user and a password."""
    try:
        decoded = base64.b64decode(match[2] + "==")
    except ValueError:
        return match[0]
    return match[1] + _REDACTED if b":" in decoded else match[0]


# A secret's name contains one of these …
_ANYWHERE = (
    r"pass(?:word|wd|phrase)|identified by|secret(?!s?manager|\.arn)|cvv|cvc|credential"
    r"|authorization|cookie|(?:api|access|private|account|signing|encryption)[_.-]?key"
    r"|card[_.-]?number"
)
# … or ends with one of these: "token", but neither "tokens" nor "token.type".
_AT_THE_END = r"token|signature|(?<![a-z])(?:sig|pwd|pin|otp|ssn|iban|pan)"
_SECRET_NAME = re.compile(rf"{_ANYWHERE}|(?:{_AT_THE_END})$", re.IGNORECASE)

# `name=value` in a text. The value is bare, in brackets, or in quotes, which may be
# escaped or cut off. The words of SQL and Python for "no value" stay.
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
# JWT and its encrypted form. A run of letters is searched for a dot only once, and
# possessive repeats try nothing twice: else the time for "eyJeyJ…" grows quadratically.
_JWT = (
    r"(?<![\w-])(?=[\w-]*+\.)([\w-]*?)(?<![A-Za-z0-9])eyJ[\w-]{6,}+(?:\.[\w-]*+){1,4}"
)
_TOKENS = (  # AWS; other keys that begin with the issuer's mark
    r"(?<![A-Za-z0-9])(?:A(?:KIA|SIA|BIA|CCA|GPA|IDA|ROA|NPA)[A-Z0-9]{16}(?![A-Za-z0-9])"
    r"|sk-(?=[\w-]{0,255}[0-9])[\w-]{20,255}|(?:gh[opsur]_|github_pat_|glpat-|xox[a-z]-"
    r"|xapp-|[prs]k_(?:live|test)_|whsec_|AIza|ya29\.|GOCSPX-|pypi-|SG\."
    r"|(?:hf|npm)_(?=[A-Za-z0-9]{30}))[\w.+/=-]{16,4096})"
)
_KEY_EDGE = r"[A-Z0-9 ]{0,40}PRIVATE KEY[A-Z ]{0,20}-----"
_PRIVATE_KEY = rf"(?s)-----BEGIN {_KEY_EDGE}.*?(?:-----END {_KEY_EDGE}|\Z)"
# Not "REDACTED@", which the host of a URL follows.
_EMAIL = rf"[\w.+'!#$*^~%-]{{1,64}}(?<!{_REDACTED})(?:@|%40)(?:[\w-]+\.)+[^\W\d_]{{2,}}"

# Beginnings and lengths that are issued today; Visa's 13 digits are not any more.
_CARDS = re.compile(  # Visa; Mastercard, Maestro, Discover, UnionPay; Amex; Diners; JCB
    r"4.{15}|4.{18}|[56].{15}|[56].{18}|2(?:22[1-9]|2[3-9].|[3-6]..|7[01].|720).{12}"
    r"|3[47].{13}|3(?:0[0-5]|[689].).{11}|35(?:2[89]|[3-8].).{12}"
)
# One number, or groups of 4-4-4-4, 4-4-4-4-3, 4-6-5 or 4-6-4, but neither decimal
# places nor a part of a hexadecimal id.
_CARD = (
    r"(?<![0-9])(?<![0-9]\.)(?<![0-9a-fA-F]{4})[2-6][0-9]{3}(?:[0-9]{10,15}"
    r"|([ ._+/\u00a0-]|%20)(?:[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{3})?"
    r"|[0-9]{6}\1[0-9]{4,5}))(?![0-9])(?![0-9a-fA-F]{4})"
)

_has_sign, _has_name = re.compile("[=:>,'\"]|%3").search, re.compile(_NAME).search


def _may_be_named(lower: str) -> object:
    return _has_sign(lower) and _has_name(lower)


# Each rule: a quick test of the lowercase text, by which a clean text takes only
# microseconds; the pattern of the secret; its replacement.
_RULES: list[tuple[Callable[[str], object], re.Pattern[str], Any]] = [
    (test if callable(test) else re.compile(test).search, re.compile(pattern), result)
    for test, pattern, result in (
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
