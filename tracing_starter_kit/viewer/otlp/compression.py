"""Decompressing a body without ever holding more than its limit.

    body = decompress(raw, "gzip", limit=64 << 20)

100 kB of gzip can hold 100 MB of zeros, so it is inflated piece by piece, and given up
as soon as the limit is passed.
"""

import zlib
from typing import Final

from tracing_starter_kit.viewer.otlp.errors import BAD_DATA, TOO_LARGE, RefusedError

__all__ = ["check_size", "decompress"]

WINDOW_BITS: Final = {"gzip": 31, "deflate": 15}  # zlib's way to say which header
PIECE: Final = 64 << 10


def decompress(body: bytes, encoding: str, *, limit: int) -> bytes:
    """Return the body as it was before its Content-Encoding."""
    if encoding in {"", "identity"}:
        return body
    if encoding not in WINDOW_BITS:
        known = ", ".join(WINDOW_BITS)
        raise RefusedError(
            BAD_DATA,
            f"Content-Encoding {encoding!r} is not known; use {known} or none.",
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
            "decompression; send smaller batches.",
        )


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    found = bytearray()
    member = None  # gzip: several members in a row are one body
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE]
        while piece:
            member = member or zlib.decompressobj(window_bits)
            found += member.decompress(piece, limit + 1 - len(found))
            check_size(len(found), limit)
            piece = member.unused_data
            if member.eof:
                member = None
    if member or not body:
        raise zlib.error("it ends too early")
    return bytes(found)
