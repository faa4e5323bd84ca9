"""JSON answers, and what every endpoint needs of the application.

    return answer({"services": names})
    with reading(request) as cursor: ...

Endpoints are plain functions: Starlette runs them in a thread, so that neither the
reading nor the encoding of a large trace holds up anybody else's request.
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
    """Return the store that this application reads."""
    return cast("Reader", request.app.state.store)


def settings_of(request: Request) -> Settings:
    """Return the settings that this application was built with."""
    return cast("Settings", request.app.state.settings)


def reading(request: Request) -> AbstractContextManager[Cursor]:
    """Open a cursor for one request."""
    return store_of(request).cursor()
