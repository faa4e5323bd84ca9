"""Parse OTLP/JSON: protobuf's JSON form, except for ids and enums.

    message = parse_json(signal.request, body)

Ids are hexadecimal. protobuf's parser would read them as base64 without an error, and
turn a trace id into 24 bytes. Enums are whole numbers, where the parser would cut off a
fraction. Their names are accepted too, as in the Collector.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import Any, NoReturn

from google.protobuf import json_format

from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, RefusedError

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
IDS = {"traceId", "spanId", "parentSpanId"}
ENUMS = {"kind", "code", "severityNumber", "aggregationTemporality"}
# On average: an attribute of a letter and a digit is two objects of 17 bytes each.
SMALLEST_OBJECT = 12  # bytes
FEW = 100  # objects that may be empty in any body
STRING = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def parse_json(message_type: Any, body: bytes) -> Any:
    """Return the body as a message, or raise RefusedError."""
    _check_density(body)
    try:
        # Not json.loads(body): it would accept UTF-16 and UTF-32 too.
        content = json.loads(body.decode(), parse_constant=_refuse_constant)
        if not isinstance(content, dict):
            raise TypeError("it is not a JSON object")
        _prepare(content, "the request")
        message = message_type()
        json_format.ParseDict(content, message, ignore_unknown_fields=True)
    except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
        raise RefusedError(
            BAD_DATA, f"The body is not OTLP/JSON: {str(error) or type(error).__name__}"
        ) from error
    return message


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


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is not JSON: write it as a string, "{name}"')


def _prepare(value: Any, place: str) -> None:
    """Rewrite ids in place and check enums; protobuf checks everything else."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            _prepare(item, f"{place}[{index}]")
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in IDS:
                value[key] = _hex_to_base64(item, f"{place}.{key}")
            elif key in PATHS:
                _prepare(item, f"{place}.{key}")
            elif key in ENUMS and isinstance(item, float):
                raise ValueError(f"{place}.{key}: {item} is not a whole number")


def _hex_to_base64(value: Any, place: str) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64encode(binascii.unhexlify(value)).decode()
    except ValueError as error:
        raise ValueError(f"{place}: {value[:80]!r} is not hexadecimal") from error
