"""Taking an export request, whichever door it came through.

    taken = take(store, signal, body, media_type)
    for part in taken.durable:
        part.result()                                     # on disk: now answer
    taken.response

Both `take` and the wait may raise: `refusal` turns what they raise into the answer.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from google.protobuf.message import Message

from tracing_starter_kit.viewer.otlp.errors import BUSY, RefusedError
from tracing_starter_kit.viewer.otlp.export import read_export
from tracing_starter_kit.viewer.otlp.signals import SignalType
from tracing_starter_kit.viewer.store import Store, StoreError

__all__ = ["Taken", "refusal", "take"]


@dataclass(frozen=True)
class Taken:
    """A request that was right; it may be answered once it is durable."""

    response: Message
    durable: Sequence[Future[None]]


def take(store: Store, signal: SignalType, body: bytes, media_type: str) -> Taken:
    """Check a request and hand what is right in it to the store."""
    export = read_export(signal, body, media_type)
    durable: list[Future[None]] = []
    match signal.name:
        case "traces" | "logs" as name:  # metrics are not kept
            durable += store.submit_parts(name, export.parts)
    return Taken(export.response, durable)


def refusal(error: RefusedError | StoreError) -> RefusedError:
    """Return what to answer: what the store cannot take now, it may take later."""
    return error if isinstance(error, RefusedError) else RefusedError(BUSY, str(error))
