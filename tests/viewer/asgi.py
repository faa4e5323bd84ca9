"""Call an ASGI application in this process, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from starlette.types import ASGIApp, Message


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]


class Client:
    """Sends requests to an application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._runner = asyncio.Runner()

    def close(self) -> None:
        self._runner.close()

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | Iterable[bytes] = b"",
    ) -> Answer:
        pieces = [body] if isinstance(body, bytes) else [*body]
        return self._runner.run(_call(self._app, method, path, headers or {}, pieces))

    def call_all(
        self, requests: Iterable[tuple[str, str, Mapping[str, str], bytes]]
    ) -> list[Answer]:
        """Send all requests at the same time."""

        async def call() -> list[Answer]:
            calls = [
                _call(self._app, method, path, headers, [body])
                for method, path, headers, body in requests
            ]
            return await asyncio.gather(*calls)

        return self._runner.run(call())

    def post(
        self, path: str, body: bytes, content_type: str, encoding: str = ""
    ) -> Answer:
        headers = {"content-type": content_type, "content-length": str(len(body))}
        if encoding:
            headers["content-encoding"] = encoding
        return self.call("POST", path, headers, body)


async def _call(
    app: ASGIApp,
    method: str,
    path: str,
    headers: Mapping[str, str],
    pieces: list[bytes],
) -> Answer:
    responses: list[Message] = []
    bodies: list[Message] = [
        {"type": "http.request", "body": piece, "more_body": True} for piece in pieces
    ]
    bodies.append({"type": "http.request", "body": b"", "more_body": False})

    async def receive() -> Message:
        return bodies.pop(0) if bodies else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        responses.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "server": ("127.0.0.1", 4318),
        "client": ("127.0.0.1", 1),
        "headers": [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ],
    }
    await app(scope, receive, send)
    start = next(m for m in responses if m["type"] == "http.response.start")
    body = b"".join(m.get("body", b"") for m in responses)
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], names, body)
