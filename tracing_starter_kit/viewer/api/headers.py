"""The security headers of every answer.

A browser loads nothing from other hosts, shows no frames, guesses no types, and stores
no data of the API.
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
    """Add the security headers to an answer's headers."""
    headers.update(SECURITY_HEADERS)
    if path.startswith("/api/"):
        headers["cache-control"] = "no-store"
