"""Make ids of text: a log that is read twice gives the same spans, stored once.

    span_id(seed), trace_id(seed)

Both are hashes of the text.
"""

from __future__ import annotations

import hashlib


def span_id(seed: str) -> str:
    """Return the id of a span in 16 hexadecimal digits."""
    return hashlib.blake2b(seed.encode(errors="replace"), digest_size=8).hexdigest()


def trace_id(seed: str) -> str:
    """Return the id of a trace in 32 hexadecimal digits."""
    return hashlib.blake2b(seed.encode(errors="replace"), digest_size=16).hexdigest()
