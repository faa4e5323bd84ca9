"""Errors as clients get them: `application/problem+json` (RFC 9457).

    raise Refused(422, "Unknown plan", "There is no plan 'gold': choose starter.")

Only this module maps errors to HTTP. Each answer has the trace's id and no stack trace.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import requests
from flask import Flask, Response, jsonify
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from demo_services.settings import settings
from demo_services.trace_address import current_trace
from demo_services.tracing import expected

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """An error for the client, in a sentence that a person understands."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **fields: object,
    ) -> None:
        """Name the error and the next step; `fields` are added to the answer's body."""
        super().__init__(f"{title}. {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.fields = fields


class Refused(Problem):
    """A request that the client must change: 4xx."""


# By hand: a refusal is an answer: it makes no span an error.
expected(Refused)


class Unavailable(Problem):
    """A service or a database that does not answer: 503."""

    def __init__(self, down: str, *, retry_after: int = 1, **fields: object) -> None:
        """Name the absent service, and the seconds to wait."""
        super().__init__(
            503,
            f"No answer from {down}",
            f"The request is valid: send it again in {retry_after} s, with its "
            "Idempotency-Key.",
            headers={"Retry-After": str(retry_after)},
            **{"down": down} | fields,
        )


def raise_for_problem(
    response: requests.Response, service: str, order_id: str | None = None
) -> None:
    """Raise the error that another of our services answered with."""
    if response.status_code < 400:
        return
    body: dict[str, Any] = {}
    if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
        body = response.json()
    # An internal error of that service does not help our client.
    if response.status_code == 500 or "title" not in body:
        raise Unavailable(service, order_id=order_id)
    standard = ("status", "title", "detail", "trace_id", "trace_url", "jaeger_url")
    headers = {k: v for k, v in response.headers.items() if k == "Retry-After"}
    kind = Refused if response.status_code < 500 else Problem
    raise kind(
        response.status_code,
        body["title"],
        body["detail"],
        headers=headers,
        **{"order_id": order_id}
        | {name: value for name, value in body.items() if name not in standard},
    )


def answer_problems(app: Flask) -> None:
    """Make an app answer every error as a problem."""
    app.register_error_handler(Problem, _answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(DBAPIError, _answer_database)
    app.register_error_handler(PoolTimeout, _answer_no_database)
    app.register_error_handler(Exception, _answer_unexpected)


def _answer(problem: Problem) -> Response:
    response = jsonify(
        status=problem.status,
        title=problem.title,
        detail=problem.detail,
        **{name: value for name, value in problem.fields.items() if value},
        **current_trace(),
    )
    response.status_code = problem.status
    response.content_type = CONTENT_TYPE
    response.headers.update(problem.headers)
    return response


def _answer_http(error: HTTPException) -> Response:
    """Answer a refusal of Flask itself: an unknown path, a method, a body."""
    response = _answer(Problem(error.code or 500, error.name, error.description or ""))
    # The header of a 405 names the allowed methods.
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _answer_database(error: DBAPIError) -> Response:
    """Answer an absent database with 503, and a wrong statement with 500."""
    is_away = isinstance(error, OperationalError | InterfaceError)
    if is_away or error.connection_invalidated:
        return _answer_no_database(error)
    return _answer_unexpected(error)


def _answer_no_database(error: Exception) -> Response:
    """Answer 503 for our database; the error is in the log and in the trace."""
    log.error("the database does not answer", exc_info=error)
    return _answer(Unavailable(f"database of {settings().service}"))


def _answer_unexpected(error: Exception) -> Response:
    """Answer 500; the error is in the log and in the trace, not in the answer."""
    log.error("unexpected error", exc_info=error)
    detail = "The error is in the service's log and in this trace."
    return _answer(Problem(500, "Internal error", detail))
