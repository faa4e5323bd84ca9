"""What a browser may do with an answer.

It loads nothing from elsewhere, frames and guesses nothing, and keeps no data.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders

SECURITY_HEADERS = {
    "content-security-policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


def protect(headers: MutableHeaders, path: str) -> None:
    """Add to an answer's headers what every answer has."""
    headers.update(SECURITY_HEADERS)
    if path.startswith("/api/"):
        headers["cache-control"] = "no-store"
