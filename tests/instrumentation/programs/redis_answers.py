"""Calls a Redis server, at the port that is the argument, and gets its exceptions."""

import contextlib
import sys

from redis import Redis
from redis.exceptions import NoScriptError, ResponseError, WatchError

from instrumentation.client_tracing import trace_clients
from instrumentation.traced import span
from instrumentation.tracing_setup import start_tracing

start_tracing("answers")
trace_clients("redis")
client = Redis(port=int(sys.argv[1]))
client.script_flush()
with span("script"):  # redis-py loads it after the first answer
    assert client.register_script("return 1")() == 1
with span("transaction"), client.pipeline() as pipeline:
    pipeline.watch("stock")  # type: ignore[no-untyped-call]
    client.incr("stock")
    pipeline.multi()
    pipeline.get("stock")
    with contextlib.suppress(WatchError):
        pipeline.execute()
with contextlib.suppress(NoScriptError), span("unhandled"):
    client.evalsha("0" * 40, 0)
with span("wrong"), contextlib.suppress(ResponseError):
    client.lpush("stock", "text")
