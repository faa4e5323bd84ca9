"""Secrets that no store may show, in every place of telemetry.

Each secret is in one place only, so that a leak names the place. Ordinary ids and texts
that look a little like secrets are among them, and must stay.
"""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

# Values that look like secrets and are not.
ORDINARY = {
    "shop.order.id": "41111111-4111-4111-8111-111111111111",
    "shop.customer.id": "c-4711",
    "shop.batch.id": "1234567890123456",
    "shop.trace": "4bf92f3577b34da6a3ce929d0e0e4736",
    "shop.time_us": "1790000000000000",
    "shop.fingerprint": "5105105105105100ab",
    "shop.plan": "Basic plan, bearer of news",
    "shop.note": "Bearer authentication is required",
    "shop.address": "http://127.0.0.1:8611/orders?page=2&sort=code",
    "shop.decorator": "@app.route at line 4111",
    "shop.exit": "exit code=1, key=orders:17",
    "db.query.text": "SELECT id FROM users WHERE password = ? AND token = %(token)s",
    "user_agent.original": "Mozilla/5.0 (X11; Linux x86_64) python-requests/2.32",
    "gen_ai.usage.output_tokens": "1789",
}


# The first digits of an issuer, and the length of its numbers.
CARDS = {
    "Visa": ("41", 16),
    "Mastercard": ("51", 16),
    "Mastercard, new": ("2221", 16),
    "American Express": ("37", 15),
    "Diners": ("36", 14),
    "Discover": ("6011", 16),
    "JCB": ("3530", 16),
}


@dataclass
class Canaries:
    """Makes texts with secrets in them, and records the secrets."""

    seed: str
    secrets: dict[str, str] = field(default_factory=dict)

    def text(self, place: str) -> str:
        """Return a text for a place, with a secret of every kind."""
        return "; ".join(self.texts(place))

    def texts(self, place: str) -> Iterator[str]:
        """Yield the sentences of the text for a place."""
        for kind, (issuer, length) in CARDS.items():
            number = self._card(issuer, length, place)
            yield f"paid with {self._secret(place, kind, number)} today"
        digits = self._card("4000", 16, place)
        grouped = " ".join(digits[at : at + 4] for at in range(0, 16, 4))
        yield f"card {self._secret(place, 'grouped card', grouped)}."
        dashes = self._card("5500", 16, place)
        grouped = "-".join(dashes[at : at + 4] for at in range(0, 16, 4))
        yield f"card {self._secret(place, 'dashed card', grouped)}."
        mail = f"{self._word('mail', place)}@shop.example"
        yield f"no customer {self._secret(place, 'e-mail', mail)} known"
        bearer = self._word("bearer", place)
        yield f"Authorization: Bearer {self._secret(place, 'bearer', bearer)}"
        yield f"login with password={self._new(place, 'password')} failed"
        yield f'{{"api_key": "{self._new(place, "json key")}", "page": 2}}'
        yield f"DSN postgresql://app:{self._new(place, 'userinfo')}@db:5432/shop"
        yield f"login with password=$%{self._new(place, 'odd password')},;) failed"
        yield f"Set-Cookie: session={self._new(place, 'session')}; Path=/"
        yield f"https://shop.example/r?token={self._new(place, 'url token')}&page=2"
        yield f"https://shop.example/r?page=2&sig={self._new(place, 'signature')}"
        escaped = f"{self._word('escaped', place)}%40shop.example"
        yield f"https://shop.example/?to={self._secret(place, 'url e-mail', escaped)}"
        yield f"key sk_live_{self._new(place, 'payment key')}"
        yield f"key ghp_{self._new(place, 'code host key')}"
        pem = self._new(place, "PEM")
        yield f"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----"
        payload = base64.urlsafe_b64encode(self._word("jwt", place).encode()).decode()
        payload = self._secret(place, "jwt", payload.rstrip("="))
        yield f"eyJhbGciOiJIUzI1NiJ9.{payload}.c2lnbmF0dXJl"

    def value(self, place: str) -> str:
        """Return a plain word, for an attribute that only its key makes a secret."""
        return self._new(place, "value")

    def number(self, place: str) -> int:
        """Return a card number, for an integer attribute."""
        return int(self._secret(place, "integer", self._card("4539", 16, place)))

    def _new(self, place: str, kind: str) -> str:
        return self._secret(place, kind, self._word(kind, place))

    def _secret(self, place: str, kind: str, secret: str) -> str:
        self.secrets[f"{kind} in {place}"] = secret
        return secret

    def _word(self, kind: str, place: str) -> str:
        return hashlib.sha256(f"{self.seed}{kind}{place}".encode()).hexdigest()[:24]

    def _card(self, issuer: str, length: int, place: str) -> str:
        """Return a card number of this place, with its check digit (Luhn)."""
        number = int(self._word(issuer, place), 16)
        digits = f"{issuer}{number % 10 ** (length - len(issuer) - 1):0{length}}"
        digits = digits[: len(issuer)] + digits[-(length - len(issuer) - 1) :]
        doubled = [int(d) * (2 - at % 2) for at, d in enumerate(reversed(digits))]
        return digits + str(-sum(d - 9 * (d > 9) for d in doubled) % 10)


def text(key: str, value: str) -> KeyValue:
    return KeyValue(key=key, value=AnyValue(string_value=value))


def many(key: str, *values: str) -> KeyValue:
    attribute = KeyValue(key=key)
    attribute.value.array_value.values.extend(AnyValue(string_value=v) for v in values)
    return attribute


def attributes(canaries: Canaries, place: str) -> list[KeyValue]:
    """Return attributes with a secret in a value of every type."""
    nested = KeyValue(key="shop.form")
    inner = text("note", canaries.text(f"{place}, map"))
    nested.value.kvlist_value.values.append(inner)
    number = canaries.number(f"{place}, number")
    return [
        text("shop.comment", canaries.text(f"{place}, text")),
        many("shop.comments", "plain", canaries.text(f"{place}, list")),
        nested,
        KeyValue(key="shop.number", value=AnyValue(int_value=number)),
        many("http.request.header.authorization", canaries.value(f"{place}, header")),
        text("http.request.header.cookie", canaries.value(f"{place}, cookie")),
        text("shop.db_password", canaries.value(f"{place}, key")),
        text("X-API-Key", canaries.value(f"{place}, x-api-key")),
    ]


def traces(canaries: Canaries, trace_id: bytes) -> ExportTraceServiceRequest:
    """Return a trace of one span, with secrets in all its places."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(_resource(canaries, "trace resource"))
    spans = group.scope_spans.add()
    spans.scope.name = "tests"
    spans.scope.attributes.extend(attributes(canaries, "span scope"))
    now = time.time_ns()
    span = spans.spans.add(
        trace_id=trace_id,
        span_id=trace_id[:8],
        name=f"GET {canaries.text('span name')}",
        kind=Span.SPAN_KIND_SERVER,
        start_time_unix_nano=now - 5_000_000,
        end_time_unix_nano=now,
        attributes=attributes(canaries, "span"),
        status=Status(code=Status.STATUS_CODE_ERROR, message=canaries.text("status")),
    )
    span.attributes.append(text("url.full", canaries.text("URL")))
    span.attributes.extend(text(key, value) for key, value in ORDINARY.items())
    span.events.add(
        time_unix_nano=now,
        name="exception",
        attributes=[
            text("exception.type", "shop.Refused"),
            text("exception.message", canaries.text("exception message")),
            text("exception.stacktrace", _stack_trace(canaries)),
        ],
    )
    event = f"event {canaries.text('event name')}"
    span.events.add(time_unix_nano=now, name=event).attributes.extend(
        attributes(canaries, "event")
    )
    return request


def logs(canaries: Canaries, trace_id: bytes) -> ExportLogsServiceRequest:
    """Return log records with a secret in a body of every type."""
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.extend(_resource(canaries, "log resource"))
    records = group.scope_logs.add()
    records.scope.attributes.extend(attributes(canaries, "log scope"))
    bodies = [AnyValue(string_value=canaries.text("log body")), AnyValue(), AnyValue()]
    bodies[1].kvlist_value.values.extend(attributes(canaries, "log body map"))
    bodies[2].array_value.values.add(string_value=canaries.text("log body list"))
    for body in bodies:
        records.log_records.append(
            LogRecord(
                time_unix_nano=time.time_ns(),
                trace_id=trace_id,
                span_id=trace_id[:8],
                event_name=canaries.text("log event name"),
                body=body,
                attributes=attributes(canaries, "log record"),
            )
        )
    return request


def _resource(canaries: Canaries, place: str) -> list[KeyValue]:
    command = canaries.value(f"{place}, command line")
    return [
        text("service.name", "canary"),
        many("process.command_args", "shop", "--token", command),
        text("process.command_line", f"shop --token {command}"),
        *attributes(canaries, place),
    ]


def _stack_trace(canaries: Canaries) -> str:
    frames = [
        f'  File "/srv/shop/cards.py", line {number}, in charge\n    charge("{line}")\n'
        for number, line in enumerate(canaries.texts("stack trace"), 10)
    ]
    return "Traceback (most recent call last):\n" + "".join(frames) + "shop.Refused"
