"""HTTP calls of the command line, with errors for people.

    order = post_json(url, {"plan": "pro"}, headers={"X-API-Key": "demo-key-ada"})

Uses the standard library only: `kit up` stays resident and should stay small.
"""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any

TIMEOUT = 15.0

# A proxy from the environment cannot reach this machine's own addresses.
_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class WebError(Exception):
    """The server did not answer, or answered with an error.

    Attributes:
        status: The HTTP status, or 0 without an answer.
        body: The answer's JSON, if it was JSON.
    """

    def __init__(self, message: str, status: int = 0, body: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.body = body


def get_json(url: str, *, timeout: float = TIMEOUT) -> Any:
    """Send a GET request and return the JSON answer.

    Raises:
        WebError: No answer within `timeout` seconds, or a status other than 2xx.
    """
    return _send(urllib.request.Request(url), timeout)  # noqa: S310 - http only, ours


def post_json(
    url: str, body: Any = None, *, headers: Mapping[str, str] | None = None
) -> Any:
    """Send a JSON body and return the JSON answer.

    Raises:
        WebError: No answer, or a status other than 2xx.
    """
    data = json.dumps({} if body is None else body).encode()
    all_headers = {"Content-Type": "application/json", **(headers or {})}
    request = urllib.request.Request(  # noqa: S310 - http only, ours
        url, data=data, headers=all_headers, method="POST"
    )
    return _send(request, TIMEOUT)


def answers(url: str) -> bool:
    """Tell whether an address answers with 200 right now."""
    try:
        get_json(url, timeout=1.0)
    except WebError as error:
        return error.status == 200
    return True


def _send(request: urllib.request.Request, timeout: float) -> Any:
    try:
        with _opener.open(request, timeout=timeout) as response:
            return _json(response.read(), response.status)
    except urllib.error.HTTPError as error:
        body = error.read()
        raise _http_error(request.full_url, error.code, body) from None
    except http.client.HTTPException as error:  # such as an answer that was cut off
        kind = f"{type(error).__name__} {error}".strip()
        message = f"{request.full_url} does not answer correctly: {kind}."
        raise WebError(message) from None
    except OSError as error:
        cause = getattr(error, "reason", error)
        reason = getattr(cause, "strerror", None) or cause
        raise WebError(f"{request.full_url} does not answer: {reason}.") from None


def _json(body: bytes, status: int) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        raise WebError("The answer is not JSON.", status) from None


def _http_error(url: str, status: int, body: bytes) -> WebError:
    try:
        problem = json.loads(body)
    except ValueError:
        problem = None
    title = problem.get("title") if isinstance(problem, dict) else None
    return WebError(
        f"{url} answered {status}: {title or 'no reason'}.", status, problem
    )
