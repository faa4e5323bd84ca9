"""The load of the ingest benchmark, and the process that sends it.

    python -m benchmarks.load --url http://127.0.0.1:4318 --spans 200000

It encodes the bodies, prints `ready`, waits for a line, sends them, and prints a report
in JSON. A batch has 512 spans and a trace 8. Of the 12 attributes of a span, two have a
new value in every span and one has 5,000 values.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import threading
import time
from collections import deque
from urllib.parse import urlsplit

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

BATCH = 512
TRACE = 8
CONNECTIONS = 4
MINUTE_NS = 60_000_000_000


def trace_ids(seed: int, spans: int) -> list[str]:
    """Return the ids of all traces of a seed, in order."""
    return [_trace_id(seed, index).hex() for index in range(spans // TRACE)]


def _trace_id(seed: int, index: int) -> bytes:
    return random.Random(f"{seed}-{index}").randbytes(16)


def encode_bodies(seed: int, spans: int) -> list[bytes]:
    """Return the bodies of the requests."""
    now = time.time_ns() - MINUTE_NS
    chance = random.Random(seed)
    return [_encode_batch(chance, seed, first, now) for first in range(0, spans, BATCH)]


def _encode_batch(chance: random.Random, seed: int, first: int, now: int) -> bytes:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.add(key="service.name").value.string_value = "ingest"
    scope = group.scope_spans.add()
    scope.scope.name = "benchmarks.load"
    for index in range(first, first + BATCH):
        _fill(scope.spans.add(), chance, seed, index, now + index * 1000)
    return request.SerializeToString()


def _fill(
    span: Span, chance: random.Random, seed: int, index: int, start_ns: int
) -> None:
    place = index % TRACE
    span.trace_id = _trace_id(seed, index // TRACE)
    span.span_id = (index + 1).to_bytes(8, "big")
    span.parent_span_id = b"" if place == 0 else (index - place + 1).to_bytes(8, "big")
    span.name = f"operation {index % 20}"
    span.kind = Span.SPAN_KIND_SERVER if place == 0 else Span.SPAN_KIND_INTERNAL
    span.start_time_unix_nano = start_ns
    span.end_time_unix_nano = start_ns + chance.randrange(100_000, 900_000_000)
    for key, value in _texts(chance, index).items():
        span.attributes.add(key=key).value.string_value = value
    numbers = {
        "server.port": 8610 + index % 4,
        "http.response.status_code": chance.choice((200, 200, 200, 201, 404, 500)),
        "shop.payload.bytes": chance.randrange(1_000_000),
    }
    for key, number in numbers.items():
        span.attributes.add(key=key).value.int_value = number


def _texts(chance: random.Random, index: int) -> dict[str, str]:
    return {
        "http.request.method": chance.choice(("GET", "POST")),
        "http.route": f"/orders/{index % 20}",
        "url.scheme": "http",
        "server.address": "127.0.0.1",
        "shop.tenant.id": f"tenant-{chance.randrange(50)}",
        "shop.customer.id": f"c-{chance.randrange(5000)}",
        "shop.plan": chance.choice(("free", "team", "enterprise")),
        "shop.region": chance.choice(("eu-west", "eu-north", "us-east")),
        "shop.order.id": f"order-{index:012}",
    }


def send(url: str, bodies: list[bytes]) -> dict[str, float]:
    """Send all bodies over a few connections, each until it is acknowledged."""
    unsent = deque(bodies)
    refusals: list[int] = []
    target = urlsplit(url)

    def work() -> None:
        connection = http.client.HTTPConnection(target.hostname or "", target.port)
        headers = {"Content-Type": "application/x-protobuf"}
        while True:
            try:
                body = unsent.popleft()
            except IndexError:
                return connection.close()
            while True:
                connection.request("POST", "/v1/traces", body, headers)
                response = connection.getresponse()
                response.read()
                if response.status == 200:
                    break
                refusals.append(response.status)
                time.sleep(float(response.headers.get("Retry-After", 1)))

    started = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "refused": len(refusals), "cpu": time.process_time()}


def main() -> None:
    """Encode, print `ready`, wait for a line, send, report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--spans", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bodies = encode_bodies(options.seed, options.spans)
    print("ready", flush=True)
    sys.stdin.readline()
    before = time.process_time()
    result = send(options.url, bodies)
    result["cpu"] -= before
    print(json.dumps(result), flush=True)


if __name__ == "__main__":
    main()
