"""Puts a secret into every place of a span where it can hide, and sends the span."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    Status,
    StatusCode,
    TraceFlags,
    TraceState,
    set_span_in_context,
)

from instrumentation.redact import Redaction
from tests.instrumentation.receiver import Receiver
from tests.instrumentation.samples import Secret


class Bodies(Receiver):
    """A receiver that keeps the bodies of requests, byte by byte."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[bytes] = []

    def take(self, body: bytes) -> int:
        self.bodies.append(body)
        return super().take(body)


def send(
    secrets: list[Secret], receiver: Receiver, redaction: Redaction | None
) -> None:
    """Send a span for each secret in one body, of a resource that holds them all."""
    notes = {f"shop.note.{i}": secret.text for i, secret in enumerate(secrets)}
    resource = Resource(notes)
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    exporter: SpanExporter = OTLPSpanExporter(f"{receiver.endpoint}/v1/traces")
    batches = BatchSpanProcessor(
        redaction.spans(exporter) if redaction else exporter,
        schedule_delay_millis=60_000,
        max_export_batch_size=len(secrets),
    )
    provider.add_span_processor(batches)
    for secret in secrets:
        hide(secret, provider)
    assert provider.force_flush()
    provider.shutdown()


def hide(secret: Secret, provider: TracerProvider) -> None:
    """Make a span that holds the secret everywhere."""
    text = secret.text
    tracer = provider.get_tracer(text, text, text, {"shop.note": text})
    state = TraceState([("shop", text)]) if _fits(text) else TraceState()
    parent = SpanContext(
        1, 2, is_remote=True, trace_flags=TraceFlags(1), trace_state=state
    )
    link = Link(parent, {"shop.note": text, text: "shop.note"})
    span = tracer.start_span(
        f"GET {text}",
        set_span_in_context(NonRecordingSpan(parent)),
        attributes=_attributes(secret),
        links=[link],
    )
    span.set_status(Status(StatusCode.ERROR, f"failed: {text}"))
    span.add_event(text, {"shop.note": text, "shop.notes": [text, text]})
    try:
        raise ValueError(text) from RuntimeError(f"because of {text}")
    except ValueError as error:
        span.record_exception(error)
    span.end()


def _attributes(secret: Secret) -> dict[str, Any]:
    text, part = secret.text, secret.parts[0]
    encoded = quote(part, safe="")
    attributes: dict[str, Any] = {
        "shop.note": text,
        text: "shop.note",
        "shop.notes": ["first", text],
        "shop.bytes": f"got {text} there".encode(),
        "shop.nested": {"deep": {"deeper": [text]}, "password": part},
        "shop.long": "x" * 300 + " " + text,
        "process.command_args": ["tool", "--token", part, text],
        "shop.headers": [["Authorization", part], ["Host", "shop"]],
        "http.request.header.x-api-key": [part],
        "db.query.text": f"SELECT id FROM customers WHERE note = '{text}'",
        "url.full": f"https://bob:{encoded}@shop.example/?q={text}&api_key={encoded}",
        "url.query": f"token={encoded}&q={text}",
        "shop.customer.password": part,
        "user.token": part,
    }
    if secret.kind == "card":
        attributes |= {"shop.number": int(part), "shop.numbers": [1, int(part)]}
    return attributes


def _fits(text: str) -> bool:
    """Return whether a trace state may hold the text."""
    is_printable = all(" " < letter <= "~" and letter not in ",=" for letter in text)
    return is_printable and len(text) <= 256


def visible_parts(secret: Secret, bodies: list[bytes]) -> list[str]:
    """Return the parts of a secret that are in one of the bodies, as text or number."""
    return [
        part
        for part in secret.parts
        for form in _forms(part)
        if any(form in body for body in bodies)
    ]


def _forms(part: str) -> list[bytes]:
    """Return the forms in which a part would be readable."""
    forms = [part.encode(), quote(part, safe="").encode()]
    if part.isdigit():
        forms.append(_varint(int(part)))
    return forms


def _varint(number: int) -> bytes:
    """Return a number as protobuf writes it."""
    digits = bytearray()
    while number > 127:
        digits.append(number & 127 | 128)
        number >>= 7
    return bytes([*digits, number])
