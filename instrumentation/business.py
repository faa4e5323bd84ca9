# SPDX-License-Identifier: Apache-2.0
# Source: https://github.com/tracing-starter-kit/tracing-starter-kit
"""Fields of your business on spans: say them once, find them everywhere.

Use: `start_tracing("shop", processors=[BusinessFields(allowed=["shop.customer.id"])])`,
then `set_fields({"shop.customer.id": "c-17"})` where the value is first known. It lands
on the current span, on this service's entry span, on every later span here, and, for
the allowed names, on the spans of the services and tasks that are called.
`add_to_fields({"shop.cache.misses": 1})` adds up over a request, on its entry span.
Needs: pip install opentelemetry-sdk~=1.45
From the tracing starter kit 0.1.0.

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

__tracing_helper__ = True  # CodeLocation looks past frames of this file

Value: TypeAlias = str | bool | int | float

_LONGEST = 256  # characters of a value; longer ones are cut
_HEADER_LIMIT = 8192  # bytes, as the W3C recommendation has it


def set_fields(fields: Mapping[str, object]) -> None:
    """Put `fields` on the current span, the entry span, and all later spans.

    The entry span is the one with which this process came into the trace: its server
    or consumer span. str, bool, int and float keep their type; None is left out;
    of an Enum counts its value; anything else (Decimal, UUID, datetime …) becomes its
    text. Text is cut at 256 characters. Without a recording span nothing happens.

    >>> set_fields({"shop.customer.id": "c-17", "shop.order.quantity": 3})
    """
    span = trace.get_current_span()
    if not span.is_recording():
        return
    clean = {name: _clean(v) for name, v in fields.items() if v is not None}
    span.set_attributes(clean)
    journey = _journeys.get(span)
    if journey is None:
        return
    journey.fields.update(clean)
    entry = journey.entry()
    if entry is not None and entry is not span and entry.is_recording():
        entry.set_attributes(clean)


def add_to_fields(numbers: Mapping[str, float]) -> None:
    """Add `numbers` to the entry span's fields: sums over a whole request or task.

    How often the cache missed, how many rows were read: the entry span then answers
    for its request without a look at the spans below it. From any thread that has the
    request's context; what comes once the entry span has ended is not counted. The
    sums stay on that span: they do not travel. Needs `BusinessFields` in this process.

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
        send_to: The hosts that fields are sent to over HTTP: "billing.internal",
            "10.0.*", "localhost:5000" or a whole URL. Default: none, because a
            customer's name in a header to a card network is a leak. A queue
            (a PRODUCER span) is yours and always gets them, and so does a carrier
            that you fill by hand.
        roll_up: Counts and durations of the spans below an entry span, on it.
            {"shop.db": "db.system.name"} gives it `shop.db.count` and
            `shop.db.duration_ms`, of all spans with the attribute `db.system.name`;
            {"shop.http": "http.request.method"} those of outgoing calls. Durations of
            calls at the same time add up to more than has passed.

    Creating it puts its rule around the global propagator: whatever client library
    injects headers, the rule looks at the current CLIENT span's `server.address` and
    `server.port`. One per process; a new one replaces the one before.
    A redirect that a client library follows by itself takes the fields along, unless
    the library is traced by `client_tracing.py`.

    In the header, text is as it is, and numbers and booleans are as in JSON; text
    that reads like one of those is quoted: `shop.order.quantity=3`, `shop.zip="3"`.
    Source: W3C Baggage.

    >>> processor = BusinessFields(["shop.customer.id"], send_to=["*.internal"])
    """

    def __init__(
        self,
        allowed: Iterable[str],
        send_to: Iterable[str] = (),
        roll_up: Mapping[str, str] | None = None,
    ) -> None:
        rule = _BaggageRule(frozenset(allowed), tuple(_host(one) for one in send_to))
        propagate.set_global_textmap(rule)
        self._rule = rule
        self._roll_up = dict(roll_up or {})
        # on_end() gets a copy of the span that _journeys knows.
        self._open: WeakValueDictionary[int, Span] = WeakValueDictionary()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """Give a new span what is known so far, or open a journey with what came in."""
        journey = _journeys.get(trace.get_current_span(parent_context))
        if journey is None:
            journey = _Journey(span, self._rule.known(parent_context))
        _journeys[span] = journey
        if journey.fields:
            span.set_attributes(journey.fields.copy())
        if self._roll_up:
            self._open[span.context.span_id] = span

    def on_end(self, span: ReadableSpan) -> None:
        """Add a span that is to be rolled up to its entry span's counts."""
        attributes = span.attributes or {}
        for name, mark in self._roll_up.items():
            if mark not in attributes:
                continue
            live = self._open.get(span.context.span_id)
            journey = None if live is None else _journeys.get(live)
            if journey is not None:
                taken = (span.end_time or 0) - (span.start_time or 0)  # nanoseconds
                journey.add({f"{name}.count": 1, f"{name}.duration_ms": taken / 1e6})


class _Journey:
    """One trace's way through this process: its entry span, and its fields.

    There is no lock here. The garbage collector may run a finalizer that ends a span or
    sets fields at any time, and would wait for ever for what its own thread holds. So
    `fields` is changed, and copied by who reads it, in one step of the interpreter.
    """

    def __init__(self, entry: Span, fields: dict[str, Value]) -> None:
        self.entry = ref(entry)  # weak: _journeys must not keep its own keys alive
        self.fields = fields
        # By name, and by thread, so that nobody adds to what another one adds to.
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
                before = (entry.attributes or {}).get(name)
                first = before if isinstance(before, int | float) else 0
                parts = self._sums.setdefault(name, {0: first})
            parts.setdefault(thread, 0)
            parts[thread] += number
            written = None
            while written != (now := parts.copy()):  # somebody has added meanwhile
                entry.set_attribute(name, round(sum(now.values()), 3))
                written = now


# The fields hang on spans, not on the context: a context that a view attaches is gone
# for the code after the `with` in which it was attached.
_journeys: WeakKeyDictionary[trace.Span, _Journey] = WeakKeyDictionary()


class _BaggageRule(TextMapPropagator):
    """The global propagator, with `baggage` let through by name and by host."""

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
        found = self.inner.extract(carrier, context, getter)
        came_in = ",".join(getter.get(carrier, "baggage") or ())
        found = baggage.clear(found)
        for name, value in _parse(came_in):
            if name in self._allowed:
                found = baggage.set_baggage(name, value, found)
        return found

    def inject(
        self,
        carrier: CarrierT,
        context: Context | None = None,
        setter: Setter[CarrierT] = default_setter,
    ) -> None:
        if isinstance(carrier, MutableMapping):  # headers of a request sent before
            carrier.pop("baggage", None)
        self.inner.inject(carrier, baggage.clear(context), setter)
        span = trace.get_current_span(context)
        if self._may_receive(span):
            journey = _journeys.get(span)
            known = journey.fields.copy() if journey else self.known(context)
            if header := _write(known, self._allowed):
                setter.set(carrier, "baggage", header)

    def known(self, context: Context | None) -> dict[str, Value]:
        """Return the allowed fields in the baggage of `context`."""
        entries = baggage.get_all(context).items()
        return {name: _clean(v) for name, v in entries if name in self._allowed}

    def _may_receive(self, span: trace.Span) -> bool:
        if not isinstance(span, ReadableSpan):
            return False  # not sampled, or no span: nothing says where this goes
        if span.kind is not SpanKind.CLIENT:
            return True
        attributes = span.attributes or {}
        host = str(attributes.get("server.address", "")).lower()
        secure = str(attributes.get("url.full", "")).startswith("https:")
        port = attributes.get("server.port", 443 if secure else 80)
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
    """Return what a span attribute and a header can hold, quietly."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, bool | float):
        return value
    if isinstance(value, int) and -(2**63) <= value < 2**63:  # what OTLP can hold
        return value
    try:
        text = str(value)
    except Exception:  # noqa: BLE001 - a request must not fail for a field's sake
        text = f"({type(value).__qualname__} without text)"
    return text[:_LONGEST].encode(errors="replace").decode()


_LOOKS_LIKE_JSON = re.compile(
    r'true|false|-?\d+(\.\d+)?([eE][+-]?\d+)?|".*"', re.DOTALL
)


def _write(fields: Mapping[str, Value], allowed: frozenset[str]) -> str:
    entries, length = [], 0
    for name, value in fields.items():
        if name not in allowed:
            continue
        plain = isinstance(value, str) and not _LOOKS_LIKE_JSON.fullmatch(value)
        text = str(value) if plain else json.dumps(value)
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
            with contextlib.suppress(ValueError):  # such as 007: text after all
                text = json.loads(text)
        yield unquote(name.strip()), _clean(text)
