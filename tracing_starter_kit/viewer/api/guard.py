"""Protect the viewer from requests that other sites make a browser send.

Such a site lets a name of its own point to 127.0.0.1 (DNS rebinding). The request still
carries that name as its Host, so the viewer answers to loopback names and to its
allowed hosts only.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tracing_starter_kit.viewer.api.errors import failure
from tracing_starter_kit.viewer.api.headers import protect

REFUSED = (
    "The viewer does not answer to the name {host!r}, only to localhost and 127.0.0.1; "
    "to use this name, start the viewer with it among its allowed hosts."
)


class Guard:
    """The outermost middleware: checks the Host and adds the security headers."""

    def __init__(self, app: ASGIApp, *, allowed_hosts: Iterable[str] = ()) -> None:
        self.app = app
        self.allowed_hosts = {host.lower() for host in allowed_hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 421."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def guarded_send(message: Message) -> None:
            if message["type"] == "http.response.start":
                protect(MutableHeaders(scope=message), scope["path"])
            await send(message)

        host = Headers(scope=scope).get("host", "")
        if self._answers_to(host):
            await self.app(scope, receive, guarded_send)
        else:
            refusal = failure(scope["path"], 421, REFUSED.format(host=host))
            await refusal(scope, receive, guarded_send)

    def _answers_to(self, host: str) -> bool:
        name = _without_port(host)
        return name in self.allowed_hosts or _is_loopback(name)


def _without_port(host: str) -> str:
    name = host.lower()
    if name.startswith("["):
        return name[1:].partition("]")[0]
    return name.partition(":")[0].removesuffix(".")


def _is_loopback(name: str) -> bool:
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
