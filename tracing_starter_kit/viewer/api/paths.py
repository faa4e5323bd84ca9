"""Make the API's addresses valid with and without a slash at the end.

Clients write them in both ways. A redirect would lose the body of a POST, and some
clients do not follow redirects.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send


class TrailingSlash:
    """Middleware that removes the slash."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with its path without the slash."""
        path = scope.get("path", "")
        if path.startswith("/api/") and path.endswith("/"):
            scope = {**scope, "path": path.rstrip("/")}
        await self.app(scope, receive, send)
