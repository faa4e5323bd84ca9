"""Taking an export request, whichever door it came through.

    taken = take(store, signal, body, media_type)
    taken.durable.result()                                # on disk: now answer
    taken.response

Both `take` and the wait may raise: `refusal` turns what they raise into the answer.
"""

from concurrent.futures import Future
from dataclasses import dataclass

from google.protobuf.message import Message

from viewer.otlp.errors import BUSY, RefusedError
from viewer.otlp.export import read_export
from viewer.otlp.signals import SignalType
from viewer.store import Store, StoreError

__all__ = ["Taken", "refusal", "take"]


@dataclass(frozen=True)
class Taken:
    """A request that was right; it may be answered once it is durable."""

    response: Message
    durable: Future[None]


def take(store: Store, signal: SignalType, body: bytes, media_type: str) -> Taken:
    """Check a request and hand what is right in it to the store."""
    export = read_export(signal, body, media_type)
    return Taken(export.response, _submit(store, signal, export.body, export.items))


def refusal(error: RefusedError | StoreError) -> RefusedError:
    """Return what to answer: what the store cannot take now, it may take later."""
    return error if isinstance(error, RefusedError) else RefusedError(BUSY, str(error))


def _submit(store: Store, signal: SignalType, body: bytes, items: int) -> Future[None]:
    match signal.name:
        case "traces" | "logs" as name if items:
            return store.submit(name, body, items=items)
    done: Future[None] = Future()  # nothing in it, or metrics, which are not kept
    done.set_result(None)
    return done
