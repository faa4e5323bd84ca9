"""OTLP over HTTP: POST /v1/traces, /v1/logs and /v1/metrics, protobuf or JSON.

    uvicorn.run(build_otlp_app(store, max_body_bytes=64 << 20), port=4318)

Unlike the page's port, this one does not check the Host header: containers have many
names for this machine, and the port only takes data in. In a browser, pages served from
this machine may send (CORS), as a front end under development does.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tracing_starter_kit.viewer.otlp.compression import check_size, decompress
from tracing_starter_kit.viewer.otlp.errors import (
    BUSY,
    NOT_FOUND,
    UNSUPPORTED,
    WRONG_METHOD,
    RefusedError,
)
from tracing_starter_kit.viewer.otlp.export import (
    JSON,
    PROTOBUF,
    RETRY_AFTER,
    encode,
    status,
)
from tracing_starter_kit.viewer.otlp.signals import SIGNALS, SignalType
from tracing_starter_kit.viewer.receiver.exports import PendingAnswer, accept, refusal
from tracing_starter_kit.viewer.store import Store, StoreError

LOCAL_ORIGIN = r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?"
BODIES_AT_ONCE = 4  # of the largest size, in memory; more are answered with BUSY
ABOUT = (
    "This is the viewer's OTLP port: send traces, logs and metrics to /v1/traces, "
    "/v1/logs and /v1/metrics. The page that shows them is on the viewer's own port.\n"
)


def build_otlp_app(store: Store, *, max_body_bytes: int) -> Starlette:
    """Return the application that accepts OTLP exports into the store."""
    exports = _ExportEndpoint(store, max_body_bytes)
    app = Starlette(
        routes=[
            Route("/", _about),
            Route("/v1/{signal}", exports.answer, methods=["POST"]),
        ],
        middleware=[
            Middleware(
                CORSMiddleware,
                allow_origin_regex=LOCAL_ORIGIN,
                allow_methods=["POST"],
                allow_headers=["*"],
            )
        ],
        exception_handlers={HTTPException: _refuse_path},
    )
    app.router.redirect_slashes = False  # senders do not follow redirects
    return app


class _ExportEndpoint:
    """Answers export requests, and limits the bytes that their bodies hold."""

    def __init__(self, store: Store, max_body_bytes: int) -> None:
        self._store = store
        self._limit = max_body_bytes
        self._bytes_in_memory = 0
        # Parsing a large body takes long, and the event loop must not wait for it.
        self._threads = ThreadPoolExecutor(BODIES_AT_ONCE, "otlp-http")

    async def answer(self, request: Request) -> Response:
        """Answer one export request, once its correct items are on disk."""
        media_type = _media_type(request)
        pieces: list[bytes] = []
        try:
            await self._read(request, pieces)
            answer = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._accept, request, b"".join(pieces), media_type
            )
            await asyncio.gather(*map(asyncio.wrap_future, answer.durable))
        except (RefusedError, StoreError) as error:
            return _refuse(refusal(error), media_type)
        except ClientDisconnect:
            return Response(status_code=400)  # the sender is gone
        finally:
            self._bytes_in_memory -= sum(map(len, pieces))
        return Response(encode(answer.response, media_type), media_type=media_type)

    async def _read(self, request: Request, pieces: list[bytes]) -> None:
        content_length = request.headers.get("content-length", "")
        check_size(
            int(content_length) if content_length.isdecimal() else 0, self._limit
        )
        size = 0
        async for piece in request.stream():
            pieces.append(piece)
            size += len(piece)
            self._bytes_in_memory += len(piece)
            check_size(size, self._limit)
            if self._bytes_in_memory > BODIES_AT_ONCE * self._limit:
                raise RefusedError(
                    BUSY, "Too many large requests at once: try again in a second."
                )

    def _accept(self, request: Request, body: bytes, media_type: str) -> PendingAnswer:
        signal = _signal(request)
        if media_type not in {PROTOBUF, JSON}:
            raise RefusedError(
                UNSUPPORTED,
                f"Content-Type {media_type!r} is not OTLP: use {PROTOBUF} or {JSON}.",
            )
        encoding = request.headers.get("content-encoding", "").strip().lower()
        plain = decompress(body, encoding, limit=self._limit)
        return accept(self._store, signal, plain, media_type)


def _about(_: Request) -> Response:
    return PlainTextResponse(ABOUT)


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _signal(request: Request) -> SignalType:
    name = request.path_params["signal"]
    if name not in SIGNALS:
        raise RefusedError(NOT_FOUND, f"There is no /v1/{name}. {ABOUT.strip()}")
    return SIGNALS[name]


def _refuse(error: RefusedError, media_type: str) -> Response:
    """Return the refusal in the encoding of the request, or else in JSON."""
    media_type = PROTOBUF if media_type == PROTOBUF else JSON
    headers = {"Retry-After": str(RETRY_AFTER)} if error.reason == BUSY else None
    return Response(
        encode(status(error), media_type),
        status_code=error.reason.http,
        headers=headers,
        media_type=media_type,
    )


def _refuse_path(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == WRONG_METHOD.http:
        message = f"{request.method} {path} is not supported: send it with POST."
        answer = _refuse(RefusedError(WRONG_METHOD, message), _media_type(request))
        answer.headers["Allow"] = "POST"
        return answer
    message = f"There is nothing at {path}. {ABOUT.strip()}"
    return _refuse(RefusedError(NOT_FOUND, message), _media_type(request))
