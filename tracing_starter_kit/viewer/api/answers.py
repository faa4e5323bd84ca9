"""JSON answers, and access to the application's store and settings.

    return answer({"services": names})
    with reading(request) as cursor: ...

Endpoints are plain functions: Starlette runs them in a thread, so that reading and
encoding a large trace delays no other request.
"""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from tracing_starter_kit.viewer.query.reader import Cursor, Reader
from tracing_starter_kit.viewer.settings import Settings


def answer(
    data: object,
    *,
    status: int = 200,
    pretty: bool = False,
    media_type: str = "application/json",
) -> Response:
    """Return data as a JSON response."""
    text = json.dumps(
        data,
        ensure_ascii=False,
        allow_nan=False,
        indent=4 if pretty else None,
        separators=(",", ": ") if pretty else (",", ":"),
    )
    return Response(text, status, media_type=media_type)


def store_of(request: Request) -> Reader:
    """Return the application's store."""
    return cast("Reader", request.app.state.store)


def settings_of(request: Request) -> Settings:
    """Return the application's settings."""
    return cast("Settings", request.app.state.settings)


def reading(request: Request) -> AbstractContextManager[Cursor]:
    """Open a cursor for one request."""
    return store_of(request).cursor()
