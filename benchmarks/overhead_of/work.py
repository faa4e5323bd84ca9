"""The work that every tool traces."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

ATTRIBUTES: dict[str, str | int] = {
    "shop.order.id": "o-17",
    "shop.plan": "pro",
    "shop.quantity": 3,
}
DEPTH = 6
CALLER = {"traceparent": f"00-{7:032x}-{8:016x}-01"}


def make_app() -> Flask:
    """Return a small Flask app."""
    app = Flask("benchmark")
    app.add_url_rule("/orders/<int:order>", view_func=lambda order: f"{order}")
    return app


def requester(
    app: Flask, headers: dict[str, str] | None = None
) -> Callable[[], object]:
    """Return a function that calls `app` with a request and reads the answer."""
    pairs = (headers or {}).items()
    environ = EnvironBuilder(path="/orders/17", headers=pairs).get_environ()
    return lambda: run_wsgi_app(app, dict(environ), buffered=True)


def failing(
    span: Callable[[], AbstractContextManager[object]],
) -> Callable[[], object]:
    """Return a function that raises an exception through six of these spans."""

    def descend(depth: int) -> None:
        with span():
            if depth == 1:
                raise LookupError("no such plan")
            descend(depth - 1)

    def call() -> None:
        with suppress(LookupError):
            descend(DEPTH)

    return call
