"""Ids of OTLP/JSON: hexadecimal, where protobuf's JSON has base64."""

from __future__ import annotations

import base64
import binascii
from typing import Any

IDS = {"traceId", "spanId", "parentSpanId"}


def hex_to_base64(value: Any, place: str) -> Any:
    """Return an id in base64; raise ValueError if it is not hexadecimal."""
    if not isinstance(value, str):
        return value
    try:
        return base64.b64encode(binascii.unhexlify(value)).decode()
    except ValueError as error:
        raise ValueError(f"{place}: {value[:80]!r} is not hexadecimal") from error
