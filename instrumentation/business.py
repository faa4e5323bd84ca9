# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Business fields, such as the customer, on every span: set once, found everywhere.

Use: `start_tracing("shop", processors=[BusinessFields(allowed=["shop.customer.id"])])`,
then `set_fields({"shop.customer.id": "c-17"})` as soon as the value is available. It
goes on the current span, this service's entry span and every later span here; allowed
names also go on the spans of the services and tasks that are called.
`add_to_fields({"shop.cache.misses": 1})` adds up over a request, on its entry span.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.2.0.

Example:
    # pip install opentelemetry-exporter-otlp-proto-http~=1.45
    from business import BusinessFields, set_fields
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider, export

    trace.set_tracer_provider(provider := TracerProvider())
    provider.add_span_processor(export.BatchSpanProcessor(OTLPSpanExporter()))
    provider.add_span_processor(BusinessFields(allowed=["shop.customer.id"]))

    tracer = trace.get_tracer("shop")
    with tracer.start_as_current_span("order"):
        with tracer.start_as_current_span("identify"):
            set_fields({"shop.customer.id": "c-17"})
        tracer.start_span("charge").end()

You will see:
    order
        shop.customer.id = c-17
      identify
          shop.customer.id = c-17
      charge
          shop.customer.id = c-17
"""

from __future__ import annotations

import contextlib
import fnmatch
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from enum import Enum
from typing import TypeAlias
from urllib.parse import quote, unquote, urlsplit
from weakref import WeakKeyDictionary, WeakValueDictionary, ref

from opentelemetry import baggage, propagate, trace
from opentelemetry.context import Context
from opentelemetry.propagators.textmap import (
    CarrierT,
    Getter,
    Setter,
    TextMapPropagator,
    default_getter,
    default_setter,
)
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.trace import SpanKind

__tracing_helper__ = True  # `code.*` and stack traces skip this file's frames

Value: TypeAlias = str | bool | int | float

_VALUE_LIMIT = 256  # characters; longer values are cut
_HEADER_LIMIT = 8192  # bytes, from the W3C recommendation


def set_fields(fields: Mapping[str, object]) -> None:
    """Put `fields` on the current span, the entry span, and all later spans.

    The entry span is the first span of the trace in this process: its server or
    consumer span. str, bool, int and float keep their type, an Enum becomes its value,
    anything else (Decimal, UUID, datetime …) becomes text, and None is left out. Text
    is cut at 256 characters. Without a recording span nothing happens.

    >>> set_fields({"shop.customer.id": "c-17", "shop.order.quantity": 3})
    """
    span = trace.get_current_span()
    if not span.is_recording():
        return
    values = {name: _clean(v) for name, v in fields.items() if v is not None}
    span.set_attributes(values)
    journey = _journeys.get(span)
    if journey is None:
        return
    journey.fields.update(values)
    entry = journey.entry()
    if entry is not None and entry is not span and entry.is_recording():
        entry.set_attributes(values)


def add_to_fields(numbers: Mapping[str, float]) -> None:
    """Add `numbers` to the entry span's fields: sums over a whole request or task.

    Use it for cache misses or rows read: the entry span then describes the whole
    request, without its child spans. Any thread with the request's context may add;
    numbers that come after the end of the entry span are not counted. The sums do not
    travel to other processes. Needs `BusinessFields` in this process.

    >>> add_to_fields({"shop.cache.misses": 1, "shop.rows.read": 120})
    """
    journey = _journeys.get(trace.get_current_span())
    if journey is not None:
        journey.add(numbers)


class BusinessFields(SpanProcessor):
    """Carry fields through this process, and between processes as W3C baggage.

    Args:
        allowed: The names that may come in and go out, such as "shop.customer.id".
            Other fields stay in the process that sets them; other baggage is dropped
            in both directions.
        send_to: The hosts that get the fields over HTTP: "billing.internal", "10.0.*",
            "localhost:5000" or a whole URL. Default: none, because a customer's name
            in a header to a card network is a leak. A queue (a PRODUCER span) is yours
            and always gets them, and so does a carrier that you fill by hand.
        roll_up: Counts and durations of child spans, on their entry span.
            {"shop.db": "db.system.name"} sets `shop.db.count` and
            `shop.db.duration_ms` from all spans with the attribute `db.system.name`;
            {"shop.http": "http.request.method"} does so for outgoing calls. The
            durations of parallel calls can add up to more than the time that passed.

    The constructor wraps the global propagator. Whenever a client library injects
    headers, the wrapper reads `server.address` and `server.port` of the current CLIENT
    span. Create one per process: a second one replaces the first.
    A redirect that a client library follows by itself takes the fields along, unless
    the library is traced by `client_tracing.py`.

    The header holds text as it is, and numbers and booleans as JSON. Text that reads
    like one of those is quoted: `shop.order.quantity=3`, `shop.zip="3"`.
    Source: W3C Baggage.

    >>> processor = BusinessFields(["shop.customer.id"], send_to=["*.internal"])
    """

    def __init__(
        self,
        allowed: Iterable[str],
        send_to: Iterable[str] = (),
        roll_up: Mapping[str, str] | None = None,
    ) -> None:
        rule = _BaggageRule(frozenset(allowed), tuple(map(_host, send_to)))
        propagate.set_global_textmap(rule)
        self._rule = rule
        self._roll_up = dict(roll_up or {})
        # on_end() gets a copy of the span, and _journeys has the original as its key.
        self._open: WeakValueDictionary[int, Span] = WeakValueDictionary()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Set the journey's fields on a new span; an entry span begins a journey."""
        journey = _journeys.get(trace.get_current_span(parent_context))
        if journey is None:
            journey = _Journey(span, self._rule.allowed_baggage(parent_context))
        _journeys[span] = journey
        if journey.fields:
            span.set_attributes(journey.fields.copy())
        if self._roll_up:
            self._open[span.context.span_id] = span

    def on_end(self, span: ReadableSpan) -> None:
        """Add a span to the counts and durations of its entry span."""
        attributes = span.attributes or {}
        for name, attribute in self._roll_up.items():
            if attribute not in attributes:
                continue
            original = self._open.get(span.context.span_id)
            journey = None if original is None else _journeys.get(original)
            if journey is not None:
                duration = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
                journey.add({f"{name}.count": 1, f"{name}.duration_ms": duration})


class _Journey:
    """The part of a trace in this process: its entry span and its fields.

    It has no lock. The garbage collector may run a finalizer at any time; if that ended
    a span or set fields, it would wait for ever for a lock that its own thread holds.
    So `fields` is changed, and copied before it is read, in single atomic steps.
    """

    def __init__(self, entry: Span, fields: dict[str, Value]) -> None:
        self.entry = ref(entry)  # weak: _journeys must not keep its own keys alive
        self.fields = fields
        # By name and by thread, so that no two threads add to the same number.
        self._sums: dict[str, dict[int, float]] = {}

    def add(self, numbers: Mapping[str, float]) -> None:
        """Add numbers to the sums on the entry span, while it is open."""
        entry = self.entry()
        if entry is None or not entry.is_recording():
            return
        thread = threading.get_ident()
        for name, number in numbers.items():
            parts = self._sums.get(name)
            if parts is None:
                value = (entry.attributes or {}).get(name)
                start = value if isinstance(value, int | float) else 0
                parts = self._sums.setdefault(name, {0: start})
            parts.setdefault(thread, 0)
            parts[thread] += number
            written = None
            while written != (current := parts.copy()):  # another thread has added
                entry.set_attribute(name, round(sum(current.values()), 3))
                written = current


# Fields belong to spans, not to the context: a context that a view attaches is detached
# again at the end of its `with`, and later code would miss the fields.
_journeys: WeakKeyDictionary[trace.Span, _Journey] = WeakKeyDictionary()


class _BaggageRule(TextMapPropagator):
    """Wraps the global propagator, and filters `baggage` by name and by host."""

    def __init__(self, allowed: frozenset[str], send_to: tuple[str, ...]) -> None:
        inner: TextMapPropagator = propagate.get_global_textmap()
        while isinstance(inner, _BaggageRule):
            inner = inner.inner
        self.inner: TextMapPropagator = inner
        self._allowed = allowed
        self._send_to = send_to

    @property
    def fields(self) -> set[str]:
        return self.inner.fields | {"baggage"}

    def extract(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        getter: Getter[CarrierT] = default_getter,
    ) -> Context:
        extracted = baggage.clear(self.inner.extract(carrier, context, getter))
        header = ",".join(getter.get(carrier, "baggage") or ())
        for name, value in _parse(header):
            if name in self._allowed:
                extracted = baggage.set_baggage(name, value, extracted)
        return extracted

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        if isinstance(carrier, MutableMapping):  # the headers of an earlier request
            carrier.pop("baggage", None)
        self.inner.inject(carrier, baggage.clear(context), setter)
        span = trace.get_current_span(context)
        if self._may_receive(span):
            journey = _journeys.get(span)
            fields = journey.fields.copy() if journey else self.allowed_baggage(context)
            if header := _write(fields, self._allowed):
                setter.set(carrier, "baggage", header)

    def allowed_baggage(self, context: Context | None) -> dict[str, Value]:
        """Return the allowed fields in the baggage of `context`."""
        entries = baggage.get_all(context).items()
        return {name: _clean(v) for name, v in entries if name in self._allowed}

    def _may_receive(self, span: trace.Span) -> bool:
        if not isinstance(span, ReadableSpan):
            return False  # not sampled, or no span: the destination is unknown
        if span.kind is not SpanKind.CLIENT:
            return True
        attributes = span.attributes or {}
        host = str(attributes.get("server.address", "")).lower()
        is_secure = str(attributes.get("url.full", "")).startswith("https:")
        port = attributes.get("server.port", 443 if is_secure else 80)
        addresses = (host, f"{host}:{port}")
        return any(
            fnmatch.fnmatchcase(address, pattern)
            for address in addresses
            for pattern in self._send_to
        )


def _host(entry: str) -> str:
    """Return "host" or "host:port" of an entry of `send_to`."""
    if "://" not in entry:
        return entry.lower()
    url = urlsplit(entry)
    port = url.port or (443 if url.scheme == "https" else 80)
    return f"{url.hostname}:{port}"


def _clean(value: object) -> Value:
    """Return a value that a span attribute and a header can hold; never raise."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:  # the range of OTLP
        return value
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - a request must not fail because of a field
        text = f"({type(value).__qualname__} without text)"
    return text[:_VALUE_LIMIT].encode(errors="replace").decode()


_LOOKS_LIKE_JSON = re.compile(
    r'true|false|-?\d+(\.\d+)?([eE][+-]?\d+)?|".*"', re.DOTALL
)


def _write(fields: Mapping[str, Value], allowed: frozenset[str]) -> str:
    entries, length = [], 0
    for name, value in fields.items():
        if name not in allowed:
            continue
        is_plain = isinstance(value, str) and not _LOOKS_LIKE_JSON.fullmatch(value)
        text = str(value) if is_plain else json.dumps(value)
        entry = f"{quote(name, safe='')}={quote(text, safe='')}"
        length += len(entry) + 1
        if length <= _HEADER_LIMIT:
            entries.append(entry)
    return ",".join(entries)


def _parse(header: str) -> Iterator[tuple[str, Value]]:
    if len(header) > _HEADER_LIMIT:
        return
    for entry in header.split(","):
        name, _, text = entry.partition(";")[0].partition("=")
        text = unquote(text.strip())
        if _LOOKS_LIKE_JSON.fullmatch(text):
            with contextlib.suppress(ValueError):  # such as 007: it stays text
                text = json.loads(text)
        yield unquote(name.strip()), _clean(text)
