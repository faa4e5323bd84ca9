"""OTLP over gRPC: the Export call of the three services.

    server = start_grpc(store, port=4317, max_body_bytes=64 << 20)

Requests come as bytes and are parsed here, as those over HTTP are: grpcio would answer
a body that is not protobuf with INTERNAL, where OTLP asks for INVALID_ARGUMENT.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, NoReturn

import grpc

from viewer.otlp.errors import RefusedError
from viewer.otlp.export import PROTOBUF, status
from viewer.otlp.signals import SIGNALS, SignalType
from viewer.receiver.exports import refusal, take
from viewer.store import Store, StoreError

__all__ = ["start_grpc"]

THREADS: Final = 8  # each waits for the disk most of its time
CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
DETAILS: Final = "grpc-status-details-bin"

Export = Callable[[bytes, grpc.ServicerContext], bytes]


def start_grpc(
    store: Store, *, host: str = "127.0.0.1", port: int, max_body_bytes: int
) -> grpc.Server:
    """Start a server on a port that is free."""
    server = grpc.server(
        ThreadPoolExecutor(THREADS, "otlp-grpc"),
        options=[
            ("grpc.max_receive_message_length", max_body_bytes),
            ("grpc.so_reuseport", 0),  # or two viewers would share the port
        ],
    )
    for signal in SIGNALS.values():
        server.add_generic_rpc_handlers((_service(store, signal),))
    server.add_insecure_port(f"[{host}]:{port}" if ":" in host else f"{host}:{port}")
    server.start()
    return server


def _service(store: Store, signal: SignalType) -> grpc.GenericRpcHandler:
    export: Any = grpc.unary_unary_rpc_method_handler(_exporter(store, signal))
    return grpc.method_handlers_generic_handler(signal.service, {"Export": export})


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
