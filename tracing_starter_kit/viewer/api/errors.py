"""The one place that turns an exception into an answer.

Each generation of the API has its own form: Jaeger's v3 and the page's own API say
{"error": {"httpCode", "message"}}, the old one {"data": null, …, "errors": [{"code",
"msg"}]}. Jaeger writes both as text/plain with a newline at the end; so does this.
"""

from __future__ import annotations

import json

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from tracing_starter_kit.viewer.api.headers import protect
from tracing_starter_kit.viewer.query.filters import BadParameterError
from tracing_starter_kit.viewer.store import StoreError


class AnswerError(Exception):
    """A failure with its status and a sentence for the client."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


def failure(path: str, status: int, message: str) -> Response:
    """Return a failure in the form of the API that the path belongs to."""
    wrapped = {"error": {"httpCode": status, "message": message}}
    if path.startswith("/api/x/"):
        return JSONResponse(wrapped, status)
    if path.startswith("/api/v3/"):
        return PlainTextResponse(json.dumps(wrapped) + "\n", status)
    if path.startswith("/api/"):
        return PlainTextResponse(
            json.dumps(old_envelope(status, message)) + "\n", status
        )
    return PlainTextResponse(message + "\n", status)


def old_envelope(status: int, message: str) -> dict[str, object]:
    """Return the old API's envelope around an error."""
    errors = [{"code": status, "msg": message}]
    return {"data": None, "total": 0, "limit": 0, "offset": 0, "errors": errors}


def _bad_parameter(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadParameterError)
    message = _parameter_message(request.scope["path"], error)
    return _expected_failure(request, 400, message)


def _parameter_message(path: str, error: BadParameterError) -> str:
    if path.startswith("/api/v3/"):
        return f"malformed parameter {error.name}: {error.problem}"
    if path.startswith("/api/x/"):
        return f"Parameter {error.name}: {error.problem}."
    return f"unable to parse param '{error.name}': {error.problem}"


def _answer_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, AnswerError)
    return _expected_failure(request, error.status, error.message)


def _expected_failure(request: Request, status: int, message: str) -> Response:
    """Answer; with quiet=1 the page's API has status 200, and the real one in the body.

    A browser writes every other status on its console, even where "not there yet" is a
    normal answer.
    """
    path = request.scope["path"]
    response = failure(path, status, message)
    if path.startswith("/api/x/") and request.query_params.get("quiet") == "1":
        response.status_code = 200
    return response


def _store_error(request: Request, error: Exception) -> Response:
    """Answer that the database cannot be read just now."""
    assert isinstance(error, StoreError)
    return _expected_failure(request, 503, str(error))


def _http_error(request: Request, error: Exception) -> Response:
    """Answer for Starlette: no such route, or no such method."""
    assert isinstance(error, HTTPException)
    path = request.scope["path"]
    message = error.detail
    if error.status_code == 404:
        message = f"There is nothing at {path}."
    if error.status_code == 405:
        message = f"{request.method} is not possible at {path}."
    response = failure(path, error.status_code, message)
    response.headers.update(error.headers or {})
    return response


def _unexpected(request: Request, error: Exception) -> Response:
    """Name only the kind of error, because its text may hold any data."""
    message = f"The viewer failed with {type(error).__name__}; its log says where."
    response = failure(request.scope["path"], 500, message)
    # The guard is not around this handler.
    protect(response.headers, request.scope["path"])
    return response


HANDLERS = {
    AnswerError: _answer_error,
    BadParameterError: _bad_parameter,
    StoreError: _store_error,
    HTTPException: _http_error,
    Exception: _unexpected,
}
