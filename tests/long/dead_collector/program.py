"""A service that reads commands from stdin, and prints each result on stdout."""

import logging
import statistics
import sys
import time

import psutil
from flask import Flask

from instrumentation.flask_tracing import trace_flask
from instrumentation.traced import span
from instrumentation.tracing_setup import flush, start_tracing

logging.basicConfig(format="LOGGED %(name)s %(message)s")
start_tracing("service")
app = Flask(__name__)
trace_flask(app)
client = app.test_client()


@app.get("/order")
def order() -> str:
    """Make five spans, with work that takes about a millisecond."""
    for step in range(4):
        with span(f"step {step}"):
            sum(number * number for number in range(3000))
    return "ordered"


def block(requests: int) -> list[float]:
    """Return the duration of each request, in seconds."""
    durations = []
    for _ in range(requests):
        start = time.perf_counter()
        client.get("/order")
        durations.append(time.perf_counter() - start)
    return durations


for line in sys.stdin:
    if line == "end\n":
        break
    if line == "rss\n":
        print(psutil.Process().memory_info().rss, flush=True)
    elif line.startswith("flush"):
        print(float(flush(float(line.split()[1]))), flush=True)
    else:
        print(statistics.median(block(int(line))), flush=True)
sys.stdin.close()
