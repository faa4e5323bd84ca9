"""Host names that the viewer answers to, and the headers of every answer."""

from __future__ import annotations

import gzip
from dataclasses import replace
from typing import NoReturn

import pytest
import requests

from tests.viewer_api.conftest import Client, Send, Site
from tests.viewer_api.telemetry import batch, span
from tracing_starter_kit.viewer.api.app import build_api
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store.store import Store

ADDRESSES = [
    "/",
    "/trace/1",
    "/static/app.js",
    "/api/services",
    "/api/v3/services",
    "/api/x/status",
    "/api/nothing",
    "/nothing",
    "/api/v3/traces/x",
]


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:16686", "127.0.0.1", "127.0.0.2:80", "[::1]:16686",
     "viewer.localhost", "localhost."],
)  # fmt: skip
def test_a_loopback_name_is_answered(empty: Client, host: str) -> None:
    assert empty.get("/api/services", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1",
     "0.0.0.0", "notlocalhost", "[2001:db8::1]:80", "evil.example:16686@localhost"],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/", "/api/services", "/static/app.js"])
def test_another_name_is_refused_with_the_way_out(
    empty: Client, path: str, host: str
) -> None:
    response = empty.get(path, headers={"host": host})

    assert response.status_code == 421
    assert "allowed hosts" in response.text


def test_an_allowed_name_is_answered(
    site: Site, session: requests.Session, store: Store, settings: Settings
) -> None:
    site.app = build_api(store, replace(settings, allowed_hosts=("Traces.Example",)))
    headers = {"host": "traces.example:8080"}

    response = Client(site.address, session).get("/api/services", headers=headers)

    assert response.status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_every_answer_lets_a_browser_load_from_here_only(
    empty: Client, path: str
) -> None:
    headers = empty.get(path).headers

    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers


def test_a_failure_carries_the_same_headers(
    site: Site, session: requests.Session, settings: Settings
) -> None:
    class BrokenStore(Store):
        def __init__(self) -> None:
            pass

        def cursor(self) -> NoReturn:
            raise RuntimeError("secret")

    site.app = build_api(BrokenStore(), settings)

    # The server ends the connection after such a failure: the next test needs its own.
    headers = {"connection": "close"}
    response = Client(site.address, session).get("/api/v3/services", headers=headers)

    assert response.status_code == 500
    assert "default-src 'self'" in response.headers["content-security-policy"]
    assert response.json()["error"]["httpCode"] == 500
    assert "secret" not in response.text


@pytest.mark.parametrize("path", ["/api/services", "/api/v3/traces/x", "/api/x/status"])
def test_a_browser_stores_no_data(empty: Client, path: str) -> None:
    assert empty.get(path).headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/v3", "/api/x/a"]
)
def test_an_unknown_address_of_the_api_is_not_the_page(
    empty: Client, path: str
) -> None:
    response = empty.get(path)

    assert response.status_code == 404
    assert "<html" not in response.text


@pytest.mark.parametrize("path", ["/", "/trace/abc?span=1", "/trace/abc/"])
def test_the_page_is_served_at_its_addresses(empty: Client, path: str) -> None:
    response = empty.get(path)

    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_any_other_address_gets_the_page_and_404(empty: Client) -> None:
    response = empty.get("/nothing")

    assert response.status_code == 404
    assert "<html" in response.text


@pytest.mark.parametrize("path", ["/static/../api/app.py", "/static/%2e%2e/api/app.py"])
def test_static_files_are_the_pages_only(empty: Client, path: str) -> None:
    assert "build_api" not in empty.get(path).text


@pytest.mark.parametrize("path", [p for p in ADDRESSES if p.startswith("/api/")])
def test_a_slash_at_the_end_changes_nothing(empty: Client, path: str) -> None:
    plain, slashed = empty.get(path), empty.get(path + "/", allow_redirects=False)

    assert slashed.status_code == plain.status_code


@pytest.mark.parametrize("path", [*ADDRESSES, "/api/x/live"])
def test_head_is_get_without_a_body(empty: Client, path: str) -> None:
    response = empty.session.head(empty.address + path, timeout=5)

    assert response.status_code in {200, 400, 404}
    assert response.content == b""


def test_a_large_answer_is_compressed_for_a_client_that_accepts_it(
    client: Client, send: Send
) -> None:
    send(batch(*(span(number=n) for n in range(1, 50))))
    headers = {"accept-encoding": "gzip"}

    response = client.get("/api/traces/1", headers=headers, stream=True)

    assert response.headers["content-encoding"] == "gzip"
    assert gzip.decompress(response.raw.read(decode_content=False)).startswith(b"{")


def test_an_answer_is_plain_for_any_other_client(stocked: Client) -> None:
    response = stocked.get("/api/traces/1", headers={"accept-encoding": "identity"})

    assert "content-encoding" not in response.headers
