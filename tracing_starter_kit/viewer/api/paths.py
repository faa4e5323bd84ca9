"""Addresses of the API mean the same with and without a slash at the end.

Clients join addresses in both ways; a redirect would lose the body of a POST, and some
of them do not follow one.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """Middleware that forgets the slash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its plain path."""
        path = scope.get("path", "")
        if path.startswith("/api/") and path.endswith("/"):
            scope = {**scope, "path": path.rstrip("/")}
        await self.app(scope, receive, send)
