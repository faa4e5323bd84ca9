"""Measure how long the viewer takes to answer over a million spans, through its API.

    python -m benchmarks.query --spans 1000000

The spans are generated inside the database (traces of 20 spans with 12 attributes, and
one trace of 10,000), so that only reading is measured. Each line is one request: the
median and the slowest of seven answers, without gzip.
"""

from __future__ import annotations

import argparse
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import requests
import uvicorn

from tracing_starter_kit.viewer.api.app import build_api
from tracing_starter_kit.viewer.servers import listen
from tracing_starter_kit.viewer.settings import Settings
from tracing_starter_kit.viewer.store.store import Store

ROWS = """
INSERT INTO spans
SELECT
  md5((n // 20)::VARCHAR)::UUID, n + 1,
  CASE WHEN n % 20 > 0 THEN n // 20 * 20 + 1 + n % 20 // 3 END,
  ['gateway', 'billing', 'payments', 'notifications', 'worker'][1 + n % 20 // 4],
  'operation ' || n % 40, 1 + n % 5,
  $now - ($spans - n) // 20 * 10_000_000 + n % 20 * 1_000_000,
  $now - ($spans - n) // 20 * 10_000_000 + 50_000_000,
  CASE WHEN n % 997 = 0 THEN 2 ELSE 0 END, '',
  MAP {
    'shop.customer.id': 'c-' || n // 20 % 5000, 'shop.tenant.id': 't-' || n // 20 % 20,
    'shop.plan': ['free', 'pro', 'team'][1 + n % 3], 'shop.amount': hash(n)::VARCHAR,
    'http.request.method': 'POST', 'http.route': '/orders/' || n % 7,
    'http.response.status_code': '200', 'url.path': '/orders/' || n,
    'server.address': '127.0.0.1', 'code.function.name': 'billing.f' || n % 30,
    'code.file.path': 'billing/pricing.py', 'code.line.number': '12'},
  'ssssssssssss', [], [], '', 257, 0, 0, 0, n % 20 // 4, 0, $now
FROM range($spans) AS numbers(n)"""
LARGE = """
INSERT INTO spans
SELECT '00000000-0000-0000-0000-00000000abcd', n + 1,
  CASE WHEN n > 0 THEN n // 3 + 1 END, 'gateway', 'step', 1,
  $now + n * 1000, $now + n * 1000 + 5_000_000, 0, '', MAP {'a': 'b'}, 's', [], [], '',
  257, 0, 0, 0, 0, 0, $now + 1
FROM range(10_000) AS numbers(n)"""
ORIGINS = (
    "INSERT INTO resources SELECT n, MAP {}, '', '', 0 FROM range(5) AS numbers(n)",
    "INSERT INTO scopes VALUES (0, 'shop', '1', MAP {}, '', '', 0)",
)
REQUESTS = {
    "list: the newest": "/api/x/traces",
    "list: one service": "/api/x/traces?service=notifications",
    "list: errors": "/api/x/traces?errors=1",
    "list: an attribute, every third span": "/api/x/traces?attribute=shop.plan%3Dpro",
    "list: an attribute, 1 of 5,000": "/api/x/traces?attribute=shop.customer.id%3Dc-17",
    "list: an attribute of no span": "/api/x/traces?attribute=no%3Dno",
    "list: a frequent word": "/api/x/traces?q=orders",
    "list: a word of no span": "/api/x/traces?q=qqqqqq",
    "one trace of 20 spans": "/api/x/traces/{trace}",
    "the same, Jaeger v3": "/api/v3/traces/{trace}",
    "the same, Jaeger's old API": "/api/traces/{trace}",
    "one trace of 10,000 spans": "/api/x/traces/abcd",
    "the same, Jaeger v3 ": "/api/v3/traces/abcd",
    "Jaeger's old search, 20 traces": "/api/traces?service=billing&limit=20",
    "services": "/api/v3/services",
    "dependencies of a day": "/api/dependencies",
    "suggest: attribute keys": "/api/x/suggest?field=attribute-key",
    "suggest: attribute values": "/api/x/suggest?field=attribute-value&key=shop.plan",
}


def main() -> None:
    """Fill a store, serve it, and measure all requests."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--spans", type=int, default=1_000_000)
    spans = parser.parse_args().spans
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        store = Store.open(settings.data)
        fill(store, spans)
        with serving(store, settings) as address:
            measure(address)
        store.close()


def fill(store: Store, spans: int) -> None:
    """Generate the spans, with their resources and scopes."""
    now = time.time_ns()
    with store.cursor() as cursor:
        for statement in ORIGINS:
            cursor.execute(statement)
        cursor.execute(ROWS, {"now": now, "spans": spans})
        cursor.execute(LARGE, {"now": now})
        cursor.execute("CHECKPOINT")
    print(f"{spans + 10_000:,} spans")


@contextmanager
def serving(store: Store, settings: Settings) -> Iterator[str]:
    """Serve the API on a free port and yield its address."""
    listener = listen("127.0.0.1", 0, purpose="benchmark", setting="none")
    app = build_api(store, settings)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error"))
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()


def measure(address: str) -> None:
    """Print how long each request takes."""
    with requests.Session() as session:
        session.headers["accept-encoding"] = "identity"
        newest = session.get(f"{address}/api/x/traces").json()["traces"]
        trace = next(t["traceId"] for t in newest if t["spanCount"] == 20)
        for title, path in REQUESTS.items():
            url = address + path.format(trace=trace)
            times = [measure_once(session, url) for _ in range(7)]
            print(f"{title:40}{median(times):9.1f} ms{max(times):9.1f} ms")


def measure_once(session: requests.Session, url: str) -> float:
    """Return the milliseconds until the whole answer has arrived."""
    started = time.perf_counter()
    response = session.get(url)
    response.raise_for_status()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    main()
