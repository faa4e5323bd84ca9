"""POST /api/transform: OTLP/JSON in, the old API's traces out.

Jaeger's page opens a trace file with it. The viewer stores nothing of it.
"""

from __future__ import annotations

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tracing_starter_kit.viewer.api.answers import answer, settings_of
from tracing_starter_kit.viewer.api.errors import AnswerError
from tracing_starter_kit.viewer.api.jaeger_v1.traces_json import envelope, traces_json
from tracing_starter_kit.viewer.api.otlp_file import read_otlp_json


async def transform(request: Request) -> Response:
    """Translate the traces in the request's body."""
    body = await _body(request, settings_of(request).max_body_bytes)
    return await run_in_threadpool(_answer, body)


def _answer(body: bytes) -> Response:
    try:
        span_set = read_otlp_json(body)
    except ValueError as error:
        raise AnswerError(400, f"This is not OTLP/JSON: {error}") from error
    return answer(envelope(traces_json(span_set)))


async def _body(request: Request, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise AnswerError(413, f"The body is larger than {max_bytes} bytes.")
    return bytes(body)


ROUTES = [Route("/api/transform", transform, methods=["POST"])]
