"""The demo's services in this process, over real HTTP on free ports.

    with running_system(folder, broker_url="redis://127.0.0.1:7000/0") as system:
        answer = system.order("demo-key-ada", quantity=3)

Each service has a server with threads and a database of its own, as under gunicorn.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from demo_services.billing.app import create_app as create_billing
from demo_services.card_network.ledger import Ledger
from demo_services.card_network.server import CardNetwork, Handler
from demo_services.gateway.app import create_app as create_gateway
from demo_services.notifications.app import create_app as create_notifications
from demo_services.payments.app import create_app as create_payments
from demo_services.settings import Settings
from tests.demo_services.databases import database_url

SERVICES: dict[str, Callable[[Settings], Flask]] = {
    "payments": create_payments,
    "billing": create_billing,
    "notifications": create_notifications,
    "gateway": create_gateway,
}
ORDER = {"plan": "team", "quantity": 2, "currency": "EUR", "card": "demo-card-approve"}
TIMEOUT = 20
Headers = Mapping[str, str] | None


@dataclass(frozen=True)
class System:
    """The running services: their addresses, and a client's requests to them."""

    folder: Path
    broker_url: str
    urls: dict[str, str]
    apps: dict[str, Flask]

    def order(
        self, key: str = "demo-key-ada", headers: Headers = None, **fields: object
    ) -> requests.Response:
        """Send a valid order with some fields changed; None removes a field."""
        body = {k: v for k, v in (ORDER | fields).items() if v is not None}
        return self.post("gateway", "/orders", json=body, headers=self.by(key, headers))

    def by(self, key: str, headers: Headers = None) -> dict[str, str]:
        return {"X-API-Key": key, **(headers or {})}

    def post(self, service: str, path: str, **options: Any) -> requests.Response:
        return requests.post(self.urls[service] + path, timeout=TIMEOUT, **options)

    def get(self, service: str, path: str, **options: Any) -> requests.Response:
        return requests.get(self.urls[service] + path, timeout=TIMEOUT, **options)

    def outbox(self, order_id: str) -> list[dict[str, Any]]:
        answer = self.get("notifications", "/outbox", params={"order_id": order_id})
        return list(answer.json())

    def settings(self, service: str) -> Settings:
        settings: Settings = self.apps[service].extensions["settings"]
        return settings


@contextmanager
def running_system(
    folder: Path,
    broker_url: str,
    *,
    network_handler: type[Handler] = Handler,
    **changes: Any,
) -> Iterator[System]:
    """Run all services, with some of their settings changed."""
    with ExitStack() as stack:
        network = stack.enter_context(running_network(folder, network_handler))
        sockets = {name: _free_port(stack) for name in SERVICES}
        urls = {name: _url(*sock.getsockname()) for name, sock in sockets.items()}
        urls["card_network"] = _url(*network.server_address)
        apps = {}
        for name, create_app in SERVICES.items():
            settings = Settings(
                service=name,
                database_url=database_url(folder, name),
                broker_url=broker_url,
                billing_url=urls["billing"],
                payments_url=urls["payments"],
                card_network_url=urls["card_network"],
            )
            apps[name] = create_app(replace(settings, **changes))
            stack.callback(close, apps[name])
            stack.enter_context(serving(apps[name], sockets[name]))
        yield System(folder, broker_url, urls, apps)


@contextmanager
def running_network(
    folder: Path, handler: type[Handler] = Handler
) -> Iterator[CardNetwork]:
    """Run the card network, with its ledger in the folder."""
    ledger = Ledger(folder / "card_network.db")
    server = CardNetwork(("127.0.0.1", 0), ledger, handler)
    with _thread(lambda: server.serve_forever(0.05)):
        yield server
        server.shutdown()
    server.server_close()
    ledger.close()


@contextmanager
def serving(app: Flask, sock: socket.socket) -> Iterator[None]:
    """Serve an app in threads until the block ends."""
    host, port = sock.getsockname()[:2]
    server = make_server(
        host, port, app, threaded=True, request_handler=_Quiet, fd=sock.fileno()
    )
    with _thread(lambda: server.serve_forever(0.05)):
        yield
        server.shutdown()
    server.server_close()


def close(app: Flask) -> None:
    """Close an app's connections, as the end of its process would."""
    if sender := app.extensions.get("receipt_sender"):
        sender.stop()
    if queue := app.extensions.get("queue"):
        queue.close()
    for name in ("billing", "payments", "card network"):
        if session := app.extensions.get(name):
            session.close()
    app.extensions["database"].dispose()


@contextmanager
def running_worker(system: System) -> Iterator[subprocess.Popen[bytes]]:
    """Run the worker as users do: as a process, without the tests' helpers."""
    settings = system.settings("notifications")
    environment = {
        **os.environ,
        "TRACING": "auto",
        "BROKER_URL": settings.broker_url,
        "BILLING_URL": settings.billing_url,
        "DATABASE_URL": settings.database_url,
    }
    celery = [sys.executable, "-m", "celery", "--app"]
    options = ["--concurrency", "2", "--without-gossip", "--without-mingle"]
    command = [*celery, "demo_services.notifications.worker", "worker", *options]
    command += ["--loglevel", "INFO"]
    with (system.folder / "worker.log").open("ab") as log:
        worker = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            yield worker
        finally:
            worker.terminate()
            worker.wait(TIMEOUT)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002
        """Log nothing."""


@contextmanager
def _thread(target: Callable[[], None]) -> Iterator[None]:
    thread = threading.Thread(target=target, daemon=True)
    thread.start()
    yield
    thread.join(TIMEOUT)


def _free_port(stack: ExitStack) -> socket.socket:
    sock = stack.enter_context(socket.socket())
    sock.bind(("127.0.0.1", 0))
    sock.listen(128)
    return sock


def _url(host: str | bytes, port: int, *_: object) -> str:
    return f"http://{host!s}:{port}"
