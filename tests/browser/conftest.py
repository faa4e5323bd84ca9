"""The real viewer in a process of its own, and a real Chromium that opens its page.

Chromium comes from $CHROMIUM or the PATH (Debian: apt-get install chromium). Every test
fails on a request to another host and on any message in the browser's console.
Screenshots go to $SCREENSHOTS, or to a folder of the run that pytest names.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.browser import shop
from tests.browser.spans import send

ROOT = Path(__file__).parents[2]
# The viewer as a program, with folders of source to show (`python -m` has no option).
RUN = """
import json, sys
from pathlib import Path
from tracing_starter_kit.viewer.app import run
from tracing_starter_kit.viewer.settings import Settings

data, source, ports = json.loads(sys.argv[1])
settings = Settings(data=Path(data), source_roots=(Path(source),), **ports)

def report(settings):
    print(json.dumps([getattr(settings, name) for name in ports]), flush=True)

run(settings, on_ready=report)
"""
PORTS = ("http_port", "otlp_http_port", "otlp_grpc_port")
STOP_SECONDS = 20
expect.set_options(timeout=10_000)


@dataclass
class Viewer:
    """A viewer in a process of its own, with the addresses of its page and receiver."""

    folder: Path
    source: Path
    ports: list[int] = field(default_factory=lambda: [0, 0, 0])
    process: subprocess.Popen[str] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def otlp(self) -> str:
        return f"http://127.0.0.1:{self.ports[1]}"

    def start(self) -> None:
        """Start on the ports of the last time, and wait until the viewer answers."""
        ports = dict(zip(PORTS, self.ports, strict=True))
        arguments = json.dumps([str(self.folder / "data"), str(self.source), ports])
        log = self.folder / "viewer.log"
        with log.open("a") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", RUN, arguments],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self.process.stdout
        ready = self.process.stdout.readline()
        assert ready, log.read_text()
        self.ports = json.loads(ready)

    def stop(self) -> None:
        if self.process and self.process.stdout:
            self.process.terminate()
            self.process.wait(STOP_SECONDS)
            self.process.stdout.close()
            self.process = None


@contextmanager
def running(folder: Path, source: Path) -> Iterator[Viewer]:
    viewer = Viewer(folder, source)
    try:
        viewer.start()
        yield viewer
    finally:
        viewer.stop()


@dataclass(frozen=True)
class Shop:
    """The viewer that most tests share, with one order and one declined order."""

    viewer: Viewer
    revision: str
    order: str
    declined: str
    url: str

    def send(self, *args: Any, **kwargs: Any) -> str:
        resource = {"vcs.ref.head.revision": self.revision}
        return send(self.viewer.otlp, *args, resource=resource, **kwargs)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    root = tmp_path_factory.mktemp("source")
    return root, shop.write_repository(root)


@pytest.fixture(scope="session")
def the_shop(
    source: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    root, revision = source
    with running(tmp_path_factory.mktemp("shared"), root) as viewer:
        resource = {"vcs.ref.head.revision": revision}
        order = send(viewer.otlp, shop.order(), resource=resource, ago=60)
        failure = shop.order("c-99", declined=True)
        declined = send(viewer.otlp, failure, resource=resource, ago=30)
        yield Shop(viewer, revision, order, declined, viewer.url)


@pytest.fixture
def own_viewer(source: tuple[Path, str], tmp_path: Path) -> Iterator[Viewer]:
    """Yield an empty viewer for one test."""
    with running(tmp_path, source[0]) as viewer:
        yield viewer


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not path:
        pytest.fail(
            "No Chromium: set CHROMIUM to its path, or apt-get install chromium"
        )
    # No name is ever looked up, so nothing leaves this machine.
    no_names = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    quiet = ["--disable-background-networking", "--disable-component-update", no_names]
    flags = ["--no-sandbox", "--disable-dev-shm-usage", "--no-first-run", *quiet]
    return {"executable_path": path, "args": flags}


@pytest.fixture
def browser_context_args() -> dict[str, Any]:
    size = {"width": 1440, "height": 900}
    return {"viewport": size, "timezone_id": "UTC", "locale": "en-GB"}


@dataclass
class Guard:
    """Watches for messages on the console and for requests to other hosts.

    A test that ends the server itself sets `allowed_message`.
    """

    messages: list[str] = field(default_factory=list)
    foreign_urls: list[str] = field(default_factory=list)
    allowed_message: str = "nothing"

    def watch(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.messages.append(str(error)))
        page.on("request", self._on_request)

    def _on_console(self, message: ConsoleMessage) -> None:
        if self.allowed_message not in message.text:
            self.messages.append(f"{message.type}: {message.text}")

    def _on_request(self, request: Request) -> None:
        if not request.url.startswith("http://127.0.0.1:"):
            self.foreign_urls.append(request.url)


@pytest.fixture
def guard(page: Page) -> Iterator[Guard]:
    """Fail the test when the page wrote on the console or called another host."""
    guard = Guard()
    guard.watch(page)
    yield guard
    page.close()

    assert guard.foreign_urls == []
    assert guard.messages == []


@pytest.fixture
def tab(page: Page, guard: Guard) -> Page:
    """Return a tab that the guard watches."""
    return page


@pytest.fixture
def open_trace(tab: Page, the_shop: Shop) -> Callable[..., Page]:
    """Return a function that opens the order, or another trace, at a named span."""

    def open_it(trace_id: str = "", *, span: str = "") -> Page:
        tab.goto(f"{the_shop.url}/trace/{trace_id or the_shop.order}")
        expect(tab.get_by_role("treegrid")).to_be_visible()
        if span:
            tab.locator(".name").get_by_text(span, exact=True).click()
            expect(tab.locator(".span-head h2")).to_have_text(span)
        return tab

    return open_it


@pytest.fixture(scope="session")
def screenshots(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = os.environ.get("SCREENSHOTS")
    folder = Path(path) if path else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
