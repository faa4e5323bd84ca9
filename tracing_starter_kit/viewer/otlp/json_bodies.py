"""Parse OTLP/JSON: protobuf's JSON form, except for ids and enums.

    mended = parse_json(signal.request, body)    # .request, .faults, .replaced

Ids are hexadecimal. protobuf's parser would read them as base64 without an error, and
turn a trace id into 24 bytes. Enums are whole numbers, where the parser would cut off a
fraction. Their names are accepted too, as in the Collector.
"""

from __future__ import annotations

import json
import re
from typing import Any

from google.protobuf import json_format
from opentelemetry.proto.logs.v1.logs_pb2 import SeverityNumber
from opentelemetry.proto.metrics.v1.metrics_pb2 import AggregationTemporality
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from tracing_starter_kit.viewer.model.json_keys import drop_wrong_keys
from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, RefusedError
from tracing_starter_kit.viewer.otlp.json_ids import (
    IDS,
    hex_to_base64,
)
from tracing_starter_kit.viewer.otlp.mending import Mended
from tracing_starter_kit.viewer.otlp.mending_json import mend_json

# The keys on the way to ids and enums, from the top of any of the three requests.
PATHS = {
    "resourceSpans",
    "scopeSpans",
    "spans",
    "links",
    "status",
    "resourceLogs",
    "scopeLogs",
    "logRecords",
    "resourceMetrics",
    "scopeMetrics",
    "metrics",
    "gauge",
    "sum",
    "histogram",
    "exponentialHistogram",
    "summary",
    "dataPoints",
    "exemplars",
}
ENUMS = {"kind", "code", "severityNumber", "aggregationTemporality"}
ENUM_WORDS = {
    *Span.SpanKind.keys(),
    *Status.StatusCode.keys(),
    *SeverityNumber.keys(),
    *AggregationTemporality.keys(),
}
# On average: an attribute of a letter and a digit is two objects of 17 bytes each.
SMALLEST_OBJECT = 12  # bytes
FEW = 100  # objects that may be empty in any body
SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def parse_json(message_type: Any, body: bytes) -> Mended:
    """Return the body as a message, or raise RefusedError."""
    _check_density(body)
    try:
        return _parse(message_type, body)
    except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
        raise RefusedError(
            BAD_DATA, f"The body is not OTLP/JSON: {str(error) or type(error).__name__}"
        ) from error


def _parse(message_type: Any, body: bytes) -> Mended:
    """Parse the body; a second time, value by value, if protobuf refuses it."""
    content = _load(body)
    try:
        _prepare(content, "the request")
        request = message_type()
        json_format.ParseDict(content, request, ignore_unknown_fields=True)
    except (ValueError, TypeError, json_format.ParseError):
        return mend_json(message_type, _load(body))
    return Mended(request=request)


def _load(body: bytes) -> dict[str, Any]:
    # Not json.loads(body): it would accept UTF-16 and UTF-32 too. A byte that is not
    # UTF-8 becomes half of a surrogate pair, which is mended. NaN becomes "NaN".
    text = body.decode("utf-8-sig", "surrogateescape")
    hook = drop_wrong_keys if SURROGATE.search(text) else None
    content = json.loads(text, parse_constant=str, object_hook=hook)
    if not isinstance(content, dict):
        raise TypeError("it is not a JSON object")
    return content


def _check_density(body: bytes) -> None:
    """Refuse a body of mostly empty objects: parsed, each takes 900 bytes."""
    most = len(body) // SMALLEST_OBJECT + FEW
    # Brackets inside strings do not count. They rarely matter, so this is the 2nd try.
    if _count_objects(body) > most and _count_objects(STRING.sub(b"", body)) > most:
        raise RefusedError(
            BAD_DATA,
            f"The body has more than {most} objects and arrays in {len(body)} bytes: "
            "most of them are empty.",
        )


def _count_objects(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def _prepare(value: Any, place: str) -> None:
    """Rewrite ids in place and check enums; protobuf checks everything else."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _prepare(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in IDS:
                value[key] = hex_to_base64(item, f"{place}.{key}")
            elif key in PATHS:
                _prepare(item, f"{place}.{key}")
            elif key in ENUMS and not _is_enum(item):
                raise ValueError(f"{place}.{key}: {item!r} is not a number of its enum")


def _is_enum(value: object) -> bool:
    """Return False for the words that protobuf would read as 0 without an error."""
    return value in ENUM_WORDS if isinstance(value, str) else type(value) is not float
