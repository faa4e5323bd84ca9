"""OTLP/JSON: protobuf's JSON form, but for ids and enums.

    message = parse_json(signal.request, body)

Ids are hexadecimal, not base64: protobuf's own parser would read them as base64 without
a word and make 24 bytes of a trace id. Enums are whole numbers, where it would cut off
a fraction; their names are taken too, as the Collector takes them.
"""

import base64
import binascii
import json
import re
from typing import Any, Final, NoReturn

from google.protobuf import json_format

from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, RefusedError

__all__ = ["parse_json"]

# The keys that lead to ids and enums from the top of any of the three requests.
PATHS: Final = {
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
IDS: Final = {"traceId", "spanId", "parentSpanId"}
ENUMS: Final = {"kind", "code", "severityNumber", "aggregationTemporality"}
# On average: an attribute of one letter and one digit takes 17 for each of its two.
SMALLEST_OBJECT: Final = 12  # bytes
FEW: Final = 100  # may be empty in any body
STRING: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


def parse_json(message_type: Any, body: bytes) -> Any:
    """Return the message that the body says, or raise RefusedError."""
    _check_density(body)
    try:
        # Not json.loads(body): it would take UTF-16 and UTF-32 too.
        content = json.loads(body.decode(), parse_constant=_refuse_constant)
        if not isinstance(content, dict):
            raise TypeError("it is no JSON object")
        _prepare(content, "the request")
        message = message_type()
        json_format.ParseDict(content, message, ignore_unknown_fields=True)
    except (ValueError, TypeError, RecursionError, json_format.ParseError) as error:
        raise RefusedError(
            BAD_DATA, f"The body is not OTLP/JSON: {str(error) or type(error).__name__}"
        ) from error
    return message


def _check_density(body: bytes) -> None:
    """Refuse a body of mostly empty objects: each takes 900 bytes once it is parsed."""
    most = len(body) // SMALLEST_OBJECT + FEW
    # Brackets in texts are no objects; it is rarely necessary to look for them.
    if _count_objects(body) > most and _count_objects(STRING.sub(b"", body)) > most:
        raise RefusedError(
            BAD_DATA,
            f"More than {most} objects and arrays in {len(body)} bytes: most of them "
            "are empty.",
        )


def _count_objects(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f'{name} is not JSON; write it as a string, "{name}"')


def _prepare(value: Any, place: str) -> None:
    """Rewrite ids in place, check enums; other shapes protobuf itself refuses."""
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
