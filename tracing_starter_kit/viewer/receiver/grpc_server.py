"""OTLP over gRPC: the Export call of the three services.

    server = start_grpc(store, port=4317, max_body_bytes=64 << 20)

grpcio passes the request on as bytes: it would answer a body that is not protobuf with
INTERNAL, where OTLP asks for INVALID_ARGUMENT.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, NoReturn

import grpc

from tracing_starter_kit.viewer.otlp.errors import BUSY, RefusedError
from tracing_starter_kit.viewer.otlp.export import PROTOBUF, status
from tracing_starter_kit.viewer.otlp.signals import SIGNALS, SignalType
from tracing_starter_kit.viewer.receiver.exports import accept, refusal
from tracing_starter_kit.viewer.store import Store, StoreError

THREADS = 8  # most of the time they wait for the disk
MOST_CALLS = 32  # running or waiting; a waiting call holds part of its body in memory
CODES = {code.value[0]: code for code in grpc.StatusCode}
DETAILS = "grpc-status-details-bin"

Export = Callable[[bytes, grpc.ServicerContext], bytes]


def start_grpc(
    store: Store, *, host: str = "127.0.0.1", port: int, max_body_bytes: int
) -> grpc.Server:
    """Start a server on a free port."""
    calls = _Calls(THREADS, "otlp-grpc")
    server = grpc.server(
        calls,
        options=[
            ("grpc.max_receive_message_length", max_body_bytes),
            ("grpc.so_reuseport", 0),  # else two viewers could share the port
        ],
    )
    for signal in SIGNALS.values():
        server.add_generic_rpc_handlers((_Service(store, signal, calls),))
    server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    server.start()
    return server


class _Calls(ThreadPoolExecutor):
    """A thread pool that counts its unfinished calls."""

    def __init__(self, threads: int, name: str) -> None:
        super().__init__(threads, name)
        self.unfinished = 0
        self._lock = threading.Lock()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Count a call until it is finished, or cancelled before it began."""
        self._add(1)
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _: self._add(-1))
        return future

    def _add(self, number: int) -> None:
        with self._lock:
            self.unfinished += number


class _Service(grpc.GenericRpcHandler):
    """The Export call of one signal, refused while too many calls wait."""

    def __init__(self, store: Store, signal: SignalType, calls: _Calls) -> None:
        export: Any = grpc.unary_unary_rpc_method_handler
        # As a streaming call, so that grpcio does not read the body to refuse it.
        busy: Any = grpc.stream_unary_rpc_method_handler
        self._method = f"/{signal.service}/Export"
        self._calls = calls
        self._export = export(_exporter(store, signal))
        self._busy = busy(_refuse_busy)

    def service(self, handler_call_details: Any) -> Any:
        """Return the handler of a call; grpcio calls this in one thread."""
        if handler_call_details.method != self._method:
            return None
        return self._busy if self._calls.unfinished >= MOST_CALLS else self._export


def _refuse_busy(_: object, context: grpc.ServicerContext) -> NoReturn:
    _refuse(context, RefusedError(BUSY, "Too many requests at once: try again later."))


# grpcio runs the handler in this pool, because the others' threads are all busy.
_refuse_busy.experimental_thread_pool = ThreadPoolExecutor(  # type: ignore[attr-defined]
    1, "otlp-grpc-busy"
)


def _exporter(store: Store, signal: SignalType) -> Export:
    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            answer = accept(store, signal, body, PROTOBUF)
            for part in answer.durable:
                part.result()
        except (RefusedError, StoreError) as error:
            _refuse(context, refusal(error))
        return answer.response.SerializeToString()

    return export


def _refuse(context: grpc.ServicerContext, error: RefusedError) -> NoReturn:
    details = (DETAILS, status(error).SerializeToString())
    context.set_trailing_metadata((details,))
    context.abort(CODES[error.reason.grpc], error.message)
