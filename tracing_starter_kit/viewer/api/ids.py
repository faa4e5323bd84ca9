"""Parse and format trace and span ids."""

from __future__ import annotations

import base64
import binascii
import re
from uuid import UUID

from tracing_starter_kit.viewer.query.filters import BadParameterError

_TRACE_ID = re.compile(r"[0-9a-fA-F]{1,32}")
_SPAN_ID = re.compile(r"[0-9a-fA-F]{1,16}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{22}")


def parse_trace_id(text: str, *, name: str = "traceID") -> UUID:
    """Parse hex, leading zeros optional, or base64 in any of its four spellings."""
    if _TRACE_ID.fullmatch(text):
        return UUID(int=int(text, 16))
    plain = text.replace("-", "+").replace("_", "/").removesuffix("==")
    if _BASE64.fullmatch(plain):
        try:
            return UUID(bytes=base64.b64decode(plain + "=="))
        except binascii.Error:
            pass
    raise BadParameterError(name, f"{text!r} is not a trace id of 32 hex digits")


def parse_span_id(text: str) -> int:
    """Parse hex, leading zeros optional."""
    if not _SPAN_ID.fullmatch(text):
        raise BadParameterError("spanId", f"{text!r} is not a span id of 16 hex digits")
    return int(text, 16)


def short_trace_hex(trace_id: UUID) -> str:
    """Format a trace id for the old API: 16 digits if 64 bits are enough."""
    return f"{trace_id.int:016x}" if trace_id.int < 1 << 64 else trace_id.hex


def span_hex(span_id: int) -> str:
    """Format a span id: 16 lower-case hex digits."""
    return f"{span_id:016x}"
