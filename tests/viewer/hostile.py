"""Requests of a broken sender, made from a seed, each with its expected statuses.

A case is a correct body, a correct body with some bytes changed, a body that is wrong
by construction, or a correct body with wrong headers.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from google.protobuf.message import Message
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord, SeverityNumber
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tests.viewer.telemetry import JSON, PROTOBUF, as_otlp_json, logs, metrics, traces
from tests.viewer.wire import is_message
from tracing_starter_kit.viewer.otlp.signals import SIGNALS

LIMIT = 256 << 10


@dataclass(frozen=True)
class Case:
    """A request; `plain` is the body before compression, None if it is broken."""

    kind: str
    signal: str
    content_type: str
    body: bytes
    plain: bytes | None
    method: str = "POST"
    path: str = ""
    encoding: str = ""
    expected: set[int] = field(default_factory=set)


def make_case(seed: int) -> Case:
    """Return the case of this seed."""
    chance = random.Random(seed)
    case = chance.choices([*MAKERS], [*MAKERS.values()])[0](chance)
    return replace(case, expected=case.expected or {_expected_status(case)})


def _expected_status(case: Case) -> int:
    """Return the status of a correct receiver."""
    descriptor = SIGNALS[case.signal].request.DESCRIPTOR
    faults = (
        (413, len(case.body) > LIMIT),
        (415, case.content_type not in (PROTOBUF, JSON)),
        (400, case.plain is None),
        (413, len(case.plain or b"") > LIMIT),
        (400, not is_message(case.plain or b"", descriptor)),
    )
    return next((status for status, is_present in faults if is_present), 200)


# --- correct bodies -------------------------------------------------------------------

TEXTS = (
    "",
    "GET",
    "order 17",
    "nul\0inside",
    "ümläut",
    "\U0001f600",
    "x" * 300,
    "\x7f",
)
NUMBERS = (0, 1, -1, 200, 2**31, -(2**63), 2**63 - 1)
DOUBLES = (0.0, -0.0, 1.5, 1e300, 5e-324, math.inf, -math.inf, math.nan)
TIMES = (0, 1, 1_790_000_000_000_000_000, 2**63 - 1, 2**63, 2**64 - 1)


def _value(chance: random.Random, depth: int = 0) -> AnyValue:
    if depth < 4 and chance.random() < 0.25:
        return _nested_value(chance, depth + 1)
    kinds: tuple[dict[str, Any], ...] = (
        {"string_value": chance.choice(TEXTS)},
        {"int_value": chance.choice(NUMBERS)},
        {"double_value": chance.choice(DOUBLES)},
        {"bool_value": chance.random() < 0.5},
        {"bytes_value": chance.randbytes(chance.randrange(20))},
        {},
    )
    return AnyValue(**chance.choice(kinds))


def _nested_value(chance: random.Random, depth: int) -> AnyValue:
    nested, is_map = AnyValue(), chance.random() < 0.5
    for _ in range(chance.randrange(4)):
        inner = _value(chance, depth)
        if is_map:
            key = chance.choice(TEXTS)
            nested.kvlist_value.values.append(KeyValue(key=key, value=inner))
        else:
            nested.array_value.values.append(inner)
    return nested


def _attributes(chance: random.Random, most: int = 6) -> list[KeyValue]:
    return [
        KeyValue(
            key=chance.choice(TEXTS) + str(chance.randrange(9)), value=_value(chance)
        )
        for _ in range(chance.randrange(most))
    ]


def _id(chance: random.Random, size: int) -> bytes:
    """Return an id, one in thirty of them wrong."""
    if chance.randrange(30):
        return chance.randbytes(size)
    return chance.choice((b"", bytes(size), chance.randbytes(chance.randrange(40))))


def _span(chance: random.Random) -> Span:
    return Span(
        trace_id=_id(chance, 16),
        span_id=_id(chance, 8),
        parent_span_id=chance.choice((b"", _id(chance, 8))),
        name=chance.choice(TEXTS),
        kind=Span.SpanKind.ValueType(chance.choice((0, 1, 2, 3, 4, 5, 6, 300, -1))),
        start_time_unix_nano=chance.choice(TIMES),
        end_time_unix_nano=chance.choice(TIMES),
        attributes=_attributes(chance),
        events=[
            Span.Event(
                time_unix_nano=chance.choice(TIMES), attributes=_attributes(chance, 3)
            )
            for _ in range(chance.randrange(3))
        ],
        links=[
            Span.Link(trace_id=_id(chance, 16), span_id=_id(chance, 8))
            for _ in range(chance.randrange(2))
        ],
        status=Status(
            code=Status.StatusCode.ValueType(chance.choice((0, 1, 2, 7))),
            message=chance.choice(TEXTS),
        ),
        flags=chance.choice((0, 1, 2**32 - 1)),
        dropped_attributes_count=chance.choice((0, 2**32 - 1)),
    )


def _record(chance: random.Random) -> LogRecord:
    return LogRecord(
        time_unix_nano=chance.choice(TIMES),
        severity_number=SeverityNumber.ValueType(chance.choice((0, 9, 24, 25, -7))),
        body=_value(chance),
        attributes=_attributes(chance),
        trace_id=chance.choice((b"", _id(chance, 16))),
        span_id=chance.choice((b"", _id(chance, 8))),
    )


def _message(chance: random.Random) -> tuple[str, Message]:
    signal = chance.choices(("traces", "logs", "metrics"), (6, 3, 1))[0]
    if signal == "traces":
        return signal, traces(*[_span(chance) for _ in range(chance.randrange(5))])
    if signal == "logs":
        return signal, logs(*[_record(chance) for _ in range(chance.randrange(5))])
    return signal, metrics()


def correct(chance: random.Random) -> Case:
    signal, message = _message(chance)
    body = message.SerializeToString()
    return _compressed(chance, Case("correct", signal, PROTOBUF, body, body))


def correct_json(chance: random.Random) -> Case:
    signal, message = _message(chance)
    body = json.dumps(as_otlp_json(message)).encode()
    case = Case("correct JSON", signal, JSON, body, body, expected={200})
    return _compressed(chance, case)


def _compressed(chance: random.Random, case: Case) -> Case:
    encoding = chance.choice(("", "", "gzip", "deflate"))
    if not encoding:
        return case
    pack = gzip.compress if encoding == "gzip" else zlib.compress
    return replace(case, body=pack(case.body), encoding=encoding)


# --- changed bytes --------------------------------------------------------------------


def _truncate(chance: random.Random, body: bytes) -> bytes:
    return body[: chance.randrange(len(body) + 1)]


def _flip_bits(chance: random.Random, body: bytes) -> bytes:
    flipped = bytearray(body)
    for _ in range(chance.randint(1, 4) if body else 0):
        flipped[chance.randrange(len(flipped))] ^= 1 << chance.randrange(8)
    return bytes(flipped)


def _insert(chance: random.Random, body: bytes) -> bytes:
    at = chance.randrange(len(body) + 1)
    extra = chance.choice((chance.randbytes(4), b"\xff" * 10, b"\x80" * 11, bytes(3)))
    return body[:at] + extra + body[at:]


def _repeat(chance: random.Random, body: bytes) -> bytes:
    start = chance.randrange(len(body) + 1)
    return body + body[start : start + chance.randrange(200)]


def _random(chance: random.Random, body: bytes) -> bytes:
    return chance.randbytes(chance.randrange(len(body) + 20))


CHANGES: tuple[Callable[[random.Random, bytes], bytes], ...] = (
    _truncate,
    _flip_bits,
    _insert,
    _repeat,
    _random,
)


def changed(chance: random.Random) -> Case:
    """Change bytes of a protobuf body; it may still be correct."""
    signal, message = _message(chance)
    body = chance.choice(CHANGES)(chance, message.SerializeToString())
    return _compressed(chance, Case("changed", signal, PROTOBUF, body, body))


def changed_json(chance: random.Random) -> Case:
    """Change bytes of a JSON body; the answer is 400 at least if it is not JSON."""
    signal, message = _message(chance)
    body = json.dumps(as_otlp_json(message)).encode()
    body = chance.choice(CHANGES)(chance, body)
    try:
        text = body.decode("utf-8-sig", "surrogateescape")
        is_object = isinstance(json.loads(text), dict)
        expected = {200, 400} if is_object else {400}
    except ValueError:
        expected = {400}
    return Case("changed JSON", signal, JSON, body, body, expected=expected)


def changed_gzip(chance: random.Random) -> Case:
    signal, message = _message(chance)
    body = chance.choice(CHANGES)(chance, gzip.compress(message.SerializeToString()))
    try:
        plain: bytes | None = gzip.decompress(body) if body else None
    except (OSError, EOFError, zlib.error):
        plain = None
    case = Case("changed gzip", signal, PROTOBUF, body, plain, encoding="gzip")
    # Python's gzip ignores zeros after the end; the format does not define them.
    return (
        replace(case, expected={400, _expected_status(case)})
        if body.endswith(bytes(3))
        else case
    )


# --- wrong by construction ------------------------------------------------------------


def not_utf8(chance: random.Random) -> Case:
    mark = "MARKMARK"
    body = traces(Span(name=mark)).SerializeToString()
    broken = chance.choice((b"\xff", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80")) + b"x" * 8
    body = body.replace(mark.encode(), broken[:8])
    return Case("not UTF-8", "traces", PROTOBUF, body, body, expected={200})


def deep(chance: random.Random) -> Case:
    """Nest a value: up to some 45 levels, of two messages each, are allowed."""
    levels = chance.choice((10, 40, 60, 1000))
    value = AnyValue(int_value=1)
    raw = value.SerializeToString()
    for _ in range(levels):
        raw = _field(5, _field(1, raw))
    pair = _field(1, b"k") + _field(2, raw)
    span = Span(trace_id=b"t" * 16, span_id=chance.randbytes(8)).SerializeToString()
    body = _field(1, _field(2, _field(2, span + _field(9, pair))))
    expected = {200 if levels < 45 else 400}
    return Case("deep", "traces", PROTOBUF, body, body, expected=expected)


def _field(number: int, content: bytes) -> bytes:
    size, packed = len(content), b""
    while size > 0x7F:
        packed += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + packed + bytes([size]) + content


def deep_json(chance: random.Random) -> Case:
    levels = chance.choice((60, 1000, 100_000))
    value = '{"arrayValue":{"values":[' * levels + "{}" + "]}}" * levels
    pair = '{"key":"k","value":' + value + "}"
    body = '{"resourceSpans":[{"resource":{"attributes":[' + pair + "]}}]}"
    expected = {413} if len(body) > LIMIT else {400}
    return Case("deep JSON", "traces", JSON, body.encode(), None, expected=expected)


def wrong_json(chance: random.Random) -> Case:
    """Put a value of a wrong type into a correct span: it is mended or rejected."""
    content = as_otlp_json(traces(Span(trace_id=b"t" * 16, span_id=b"s" * 8, name="n")))
    span: dict[str, Any] = content["resourceSpans"][0]["scopeSpans"][0]["spans"][0]
    key, value = chance.choice(
        (
            ("traceId", "not hexadecimal"),
            ("traceId", "abc"),
            ("traceId", "ab cd"),
            ("spanId", 5),
            ("name", 5),
            ("name", "\ud800"),
            ("kind", 1.5),
            ("startTimeUnixNano", -1),
            ("startTimeUnixNano", "soon"),
            ("startTimeUnixNano", 1e30),
            ("startTimeUnixNano", str(2**64)),
            ("attributes", {}),
            ("attributes", [5]),
            ("attributes", [{"key": "k", "value": {"intValue": "1.5"}}]),
            ("attributes", [{"key": "k", "value": {"intValue": 2**63}}]),
            ("attributes", [{"key": "k", "value": {"boolValue": "true"}}]),
            ("attributes", [{"key": "k", "value": {"doubleValue": "much"}}]),
            ("attributes", [{"key": "k", "value": {"doubleValue": math.nan}}]),
            ("attributes", [{"key": "k", "value": {"doubleValue": math.inf}}]),
            ("attributes", [{"key": "k", "value": {"bytesValue": 7}}]),
            ("events", [None]),
            ("status", 5),
            ("status", {"code": 1.5}),
            ("flags", -1),
            ("flags", 2**32),
        )
    )
    span[key] = value
    body = json.dumps(content).encode()
    return Case(
        f"wrong JSON: {key} {value!r}", "traces", JSON, body, body, expected={200}
    )


def bomb(chance: random.Random) -> Case:
    """A body that is small, but above the limit after decompression."""
    size = chance.choice((LIMIT + 1, 4 * LIMIT, 16 * LIMIT))
    body = ZEROS[size]
    kind = chance.choice((PROTOBUF, JSON))
    return Case("bomb", "traces", kind, body, None, encoding="gzip", expected={413})


ZEROS = {
    size: gzip.compress(bytes(size), 9) for size in (LIMIT + 1, 4 * LIMIT, 16 * LIMIT)
}


def large(chance: random.Random) -> Case:
    body = bytes(LIMIT + 1 + chance.randrange(100))
    kind = chance.choice((PROTOBUF, JSON, "text/plain"))
    return Case("large", "traces", kind, body, None, expected={413})


def wide(chance: random.Random) -> Case:
    """A span with ten thousand attributes."""
    span = Span(trace_id=b"t" * 16, span_id=chance.randbytes(8))
    for number in range(10_000):
        span.attributes.append(KeyValue(key=str(number), value=AnyValue(int_value=1)))
    body = traces(span).SerializeToString()
    return Case("wide", "traces", PROTOBUF, body, body, expected={200})


# --- wrong headers --------------------------------------------------------------------


def wrong_type(chance: random.Random) -> Case:
    types = (
        "",
        "text/plain",
        "application/grpc",
        "application/x-protobufs",
        "\xff",
        "a/b",
    )
    return replace(
        correct(chance), kind="wrong type", content_type=chance.choice(types)
    )


def other_type(chance: random.Random) -> Case:
    """Protobuf with the type of JSON, or JSON with the type of protobuf."""
    if chance.random() < 0.5:
        case = correct(chance)
        expected = {400}  # it always has a resource, which begins with \\n…
        if not case.body or case.encoding:
            return case
        return replace(
            case, kind="protobuf as JSON", content_type=JSON, expected=expected
        )
    case = replace(correct_json(chance), kind="JSON as protobuf", content_type=PROTOBUF)
    return replace(case, expected=set())


def wrong_encoding(chance: random.Random) -> Case:
    case = correct(chance)
    encoding = chance.choice(("br", "zstd", "gzip, gzip", "snappy", "\xfc"))
    return replace(case, kind="wrong encoding", plain=None, encoding=encoding)


def wrong_method(chance: random.Random) -> Case:
    method = chance.choice(("GET", "PUT", "DELETE", "PATCH", "HEAD", "BREW"))
    return replace(correct(chance), kind="wrong method", method=method, expected={405})


def wrong_path(chance: random.Random) -> Case:
    path = chance.choice(
        ("/v1/profiles", "/v1/", "/v1/traces/", "/V1/traces", "//", "/v1")
    )
    return replace(correct(chance), kind="wrong path", path=path, expected={404})


MAKERS: dict[Callable[[random.Random], Case], int] = {
    correct: 200,
    correct_json: 100,
    changed: 350,
    changed_json: 100,
    changed_gzip: 80,
    not_utf8: 20,
    deep: 20,
    deep_json: 5,
    wrong_json: 60,
    bomb: 10,
    large: 5,
    wide: 1,
    wrong_type: 20,
    other_type: 20,
    wrong_encoding: 20,
    wrong_method: 20,
    wrong_path: 20,
}
