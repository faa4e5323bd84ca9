"""The work that is traced: the same for each tool."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

ATTRIBUTES = {"shop.order.id": "o-17", "shop.plan": "pro", "shop.quantity": 3}
DEPTH = 6
CALLER = {"traceparent": f"00-{7:032x}-{8:016x}-01"}


def make_app() -> Flask:
    """Return a small app."""
    app = Flask("benchmark")
    app.add_url_rule("/orders/<int:order>", view_func=lambda order: f"{order}")
    return app


def requester(
    app: Flask, headers: dict[str, str] | None = None
) -> Callable[[], object]:
    """Return what sends `app` one request and reads the answer, past any server."""
    environ = EnvironBuilder(path="/orders/17", headers=headers).get_environ()
    return lambda: run_wsgi_app(app, dict(environ), buffered=True)


def failing(
    span: Callable[[], AbstractContextManager[object]],
) -> Callable[[], object]:
    """Return what lets an exception through six spans of that kind."""

    def descend(depth: int) -> None:
        with span():
            if depth == 1:
                raise LookupError("no such plan")
            descend(depth - 1)

    def call() -> None:
        with suppress(LookupError):
            descend(DEPTH)

    return call
