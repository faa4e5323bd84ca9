"""Errors as people get them: `application/problem+json` (RFC 9457).

    raise Refused(422, "Unknown plan", "There is no plan 'gold': choose starter.")

This is the one place that maps errors to HTTP. Each answer carries the trace's id;
none carries a stack trace.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import requests
from flask import Flask, Response, jsonify
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from demo_services.settings import settings
from demo_services.trace_address import current_trace
from demo_services.tracing import expected

CONTENT_TYPE = "application/problem+json"
log = logging.getLogger(__name__)


class Problem(Exception):  # noqa: N818 - the word of RFC 9457
    """Something that the client is told about, in words that a person understands."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **fields: object,
    ) -> None:
        """Say what went wrong, and what to do next; fields join the answer's body."""
        super().__init__(f"{title}. {detail}")
        self.status = status
        self.title = title
        self.detail = detail
        self.headers = dict(headers or {})
        self.fields = fields


class Refused(Problem):
    """A request that cannot be served as it is: 4xx."""


# By hand: to refuse is to answer, and turns no span red.
expected(Refused)


class Unavailable(Problem):
    """A service or a database that we need does not answer."""

    def __init__(self, down: str, *, retry_after: int = 1, **fields: object) -> None:
        """Say what is down, and when to come back."""
        super().__init__(
            503,
            f"No answer from {down}",
            f"Nothing was wrong with the request: send it again in {retry_after} s, "
            "with its Idempotency-Key.",
            headers={"Retry-After": str(retry_after)},
            **{"down": down} | fields,
        )


def raise_for_problem(
    response: requests.Response, service: str, order_id: str | None = None
) -> None:
    """Raise what another of our services answered, so that our client reads it."""
    if response.status_code < 400:
        return
    body: dict[str, Any] = {}
    if response.headers.get("Content-Type", "").startswith(CONTENT_TYPE):
        body = response.json()
    # What a service answers for a mistake of its own does not help our client.
    if response.status_code == 500 or "title" not in body:
        raise Unavailable(service, order_id=order_id)
    own = ("status", "title", "detail", "trace_id", "trace_url", "jaeger_url")
    headers = {k: v for k, v in response.headers.items() if k == "Retry-After"}
    kind = Refused if response.status_code < 500 else Problem
    raise kind(
        response.status_code,
        body["title"],
        body["detail"],
        headers=headers,
        **{"order_id": order_id}
        | {name: value for name, value in body.items() if name not in own},
    )


def answer_problems(app: Flask) -> None:
    """Make an app answer every error as a problem."""
    app.register_error_handler(Problem, _answer)
    app.register_error_handler(HTTPException, _answer_http)
    app.register_error_handler(OperationalError, _answer_no_database)
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
    """Answer what Flask itself refuses: an unknown path, a method, a body."""
    response = _answer(Problem(error.code or 500, error.name, error.description or ""))
    # A 405 names the methods that are allowed, in a header.
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def _answer_no_database(error: OperationalError) -> Response:
    """Answer that our database does not; the log and the trace say in which words."""
    log.error("the database does not answer", exc_info=error)
    return _answer(Unavailable(f"database of {settings().service}"))


def _answer_unexpected(error: Exception) -> Response:
    """Answer a mistake of ours: the client learns that, the log and the trace why."""
    log.error("unexpected error", exc_info=error)
    detail = "The error is in the log, and in the trace that is named here."
    return _answer(Problem(500, "Something of ours went wrong", detail))
