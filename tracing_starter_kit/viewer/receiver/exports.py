"""Accept an export request, whichever transport it came over.

    answer = accept(store, signal, body, media_type)
    for part in answer.durable:
        part.result()                                     # on disk
    send(answer.response)

`accept` and the wait may raise; `refusal` turns the error into the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from google.protobuf.message import Message

from tracing_starter_kit.viewer.otlp.errors import BUSY, RefusedError
from tracing_starter_kit.viewer.otlp.export import read_export
from tracing_starter_kit.viewer.otlp.signals import SignalType
from tracing_starter_kit.viewer.store import Store, StoreError


@dataclass(frozen=True)
class PendingAnswer:
    """The answer to a request, to be sent when all its parts are durable."""

    response: Message
    durable: Sequence[Future[None]]


def accept(
    store: Store, signal: SignalType, body: bytes, media_type: str
) -> PendingAnswer:
    """Check a request and submit its correct items to the store."""
    export = read_export(signal, body, media_type)
    durable: list[Future[None]] = []
    match signal.name:
        case "traces" | "logs" as name:  # metrics are answered, but not stored
            durable += store.submit_parts(name, export.parts)
    return PendingAnswer(export.response, durable)


def refusal(error: RefusedError | StoreError) -> RefusedError:
    """Return the refusal to answer with; for an error of the store it is BUSY."""
    return error if isinstance(error, RefusedError) else RefusedError(BUSY, str(error))
