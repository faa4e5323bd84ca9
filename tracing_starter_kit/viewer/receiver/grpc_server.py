"""OTLP over gRPC: the Export call of the three services.

    server = start_grpc(store, port=4317, max_body_bytes=64 << 20)

Requests come as bytes and are parsed here, as those over HTTP are: grpcio would answer
a body that is not protobuf with INTERNAL, where OTLP asks for INVALID_ARGUMENT.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, NoReturn

import grpc

from tracing_starter_kit.viewer.otlp.errors import BUSY, RefusedError
from tracing_starter_kit.viewer.otlp.export import PROTOBUF, status
from tracing_starter_kit.viewer.otlp.signals import SIGNALS, SignalType
from tracing_starter_kit.viewer.receiver.exports import refusal, take
from tracing_starter_kit.viewer.store import Store, StoreError

__all__ = ["start_grpc"]

THREADS: Final = 8  # each waits for the disk most of its time
MOST_CALLS: Final = 32  # at work or waiting; what waits holds some of its body
CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
DETAILS: Final = "grpc-status-details-bin"

Export = Callable[[bytes, grpc.ServicerContext], bytes]


def start_grpc(
    store: Store, *, host: str = "127.0.0.1", port: int, max_body_bytes: int
) -> grpc.Server:
    """Start a server on a port that is free."""
    calls = _Calls(THREADS, "otlp-grpc")
    server = grpc.server(
        calls,
        options=[
            ("grpc.max_receive_message_length", max_body_bytes),
            ("grpc.so_reuseport", 0),  # or two viewers would share the port
        ],
    )
    for signal in SIGNALS.values():
        server.add_generic_rpc_handlers((_Service(store, signal, calls),))
    server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    server.start()
    return server


class _Calls(ThreadPoolExecutor):
    """Threads that know how many calls they have not finished."""

    def __init__(self, threads: int, name: str) -> None:
        super().__init__(threads, name)
        self.unfinished = 0
        self._lock = threading.Lock()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> "Future[Any]":
        """Count a call until it is finished, or given up before it began."""
        self._add(1)
        future = super().submit(fn, *args, **kwargs)
        future.add_done_callback(lambda _: self._add(-1))
        return future

    def _add(self, number: int) -> None:
        with self._lock:
            self.unfinished += number


class _Service(grpc.GenericRpcHandler):
    """One signal's Export call, or a refusal while too many wait."""

    def __init__(self, store: Store, signal: SignalType, calls: _Calls) -> None:
        export: Any = grpc.unary_unary_rpc_method_handler
        # One that takes a stream: nothing of the body is read to refuse it.
        busy: Any = grpc.stream_unary_rpc_method_handler
        self._method = f"/{signal.service}/Export"
        self._calls = calls
        self._export = export(_exporter(store, signal))
        self._busy = busy(_refuse_busy)

    def service(self, handler_call_details: Any) -> Any:
        """Return who answers a call; grpcio asks in one thread, before it submits."""
        if handler_call_details.method != self._method:
            return None
        return self._busy if self._calls.unfinished >= MOST_CALLS else self._export


def _refuse_busy(_: object, context: grpc.ServicerContext) -> NoReturn:
    _refuse(context, RefusedError(BUSY, "Too many requests at once; try again."))


# grpcio's way to have it run beside the threads that are all at work.
_refuse_busy.experimental_thread_pool = ThreadPoolExecutor(  # type: ignore[attr-defined]
    1, "otlp-grpc-busy"
)


def _exporter(store: Store, signal: SignalType) -> Export:
    def export(body: bytes, context: grpc.ServicerContext) -> bytes:
        try:
            taken = take(store, signal, body, PROTOBUF)
            for part in taken.durable:
                part.result()
        except (RefusedError, StoreError) as error:
            _refuse(context, refusal(error))
        return taken.response.SerializeToString()

    return export


def _refuse(context: grpc.ServicerContext, error: RefusedError) -> NoReturn:
    details = (DETAILS, status(error).SerializeToString())
    context.set_trailing_metadata((details,))
    context.abort(CODES[error.reason.grpc], error.message)
