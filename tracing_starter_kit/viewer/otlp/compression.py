"""Decompress a body, without ever holding more bytes than the limit.

    body = decompress(raw, "gzip", limit=64 << 20)

100 kB of gzip can hold 100 MB of zeros. So a body is inflated piece by piece, and
refused as soon as it passes the limit.
"""

from __future__ import annotations

import zlib

from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, TOO_LARGE, RefusedError

WINDOW_BITS = {"gzip": 31, "deflate": 15}  # zlib's numbers for the two headers
PIECE = 64 << 10


def decompress(body: bytes, encoding: str, *, limit: int) -> bytes:
    """Return the body as it was before its Content-Encoding."""
    if encoding in {"", "identity"}:
        return body
    if encoding not in WINDOW_BITS:
        supported = ", ".join(WINDOW_BITS)
        raise RefusedError(
            BAD_DATA,
            f"Content-Encoding {encoding!r} is not supported: use {supported} or none.",
        )
    try:
        return _inflate(body, WINDOW_BITS[encoding], limit)
    except zlib.error as error:
        raise RefusedError(BAD_DATA, f"The body is not {encoding}: {error}.") from error


def check_size(size: int, limit: int) -> None:
    """Refuse a body that is larger than the limit."""
    if size > limit:
        raise RefusedError(
            TOO_LARGE,
            f"The request is larger than {limit} bytes, the limit before and after "
            "decompression: send smaller batches.",
        )


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    content = bytearray()
    member = None  # a gzip body may consist of several members in a row
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        while piece:
            member = member or zlib.decompressobj(window_bits)
            content += member.decompress(piece, limit + 1 - len(content))
            check_size(len(content), limit)
            piece = member.unused_data
            if member.eof:
                member = None
    if member or not body:
        raise zlib.error("it ends too early")
    return bytes(content)
