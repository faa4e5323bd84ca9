"""Parse and check an export request, and build the answer to it.

    export = read_export(signal, body, "application/json")
    export.parts                              # protobuf, without the rejected items
    encode(export.response, "application/json")

Bodies of more than a few MiB are read one at a time: parsed, they take several times
their size in memory.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import DecodeError, Message
from google.rpc.error_details_pb2 import BadRequest, RetryInfo
from google.rpc.status_pb2 import Status

from tracing_starter_kit.viewer.otlp.checks import count_items, drop_faulty
from tracing_starter_kit.viewer.otlp.errors import (
    BAD_DATA,
    BUSY,
    LONGEST_MESSAGE,
    RefusedError,
)
from tracing_starter_kit.viewer.otlp.json_bodies import parse_json
from tracing_starter_kit.viewer.otlp.large_requests import LARGE, check_density, split
from tracing_starter_kit.viewer.otlp.mending import MARK, Mended
from tracing_starter_kit.viewer.otlp.mending_protobuf import mend_protobuf
from tracing_starter_kit.viewer.otlp.signals import SignalType

PROTOBUF = "application/x-protobuf"
JSON = "application/json"
RETRY_AFTER = 1  # second

_one_at_a_time = threading.Lock()


@dataclass(frozen=True, kw_only=True)
class Export:
    """A checked request in protobuf, without the rejected items.

    Each part is a request of its own: the number of its items, and its body.
    """

    parts: Sequence[tuple[int, bytes]]
    response: Message


def read_export(signal: SignalType, body: bytes, media_type: str) -> Export:
    """Parse and check a request, or raise RefusedError."""
    if len(body) <= LARGE:
        return _read(signal, body, media_type)
    with _one_at_a_time:
        if media_type == PROTOBUF:
            check_density(body)
        return _read(signal, body, media_type)


def _read(signal: SignalType, body: bytes, media_type: str) -> Export:
    parse = parse_json if media_type == JSON else _parse_protobuf
    mended = parse(signal.request, body)
    request = mended.request
    faults = mended.faults + drop_faulty(signal, request)
    response = _respond(signal, faults, mended.replaced)
    if len(body) > LARGE:
        return Export(parts=[*split(signal, request, len(body))], response=response)
    if faults or mended.replaced or media_type == JSON:
        body = request.SerializeToString()
    items = count_items(signal, request)
    return Export(parts=[(items, body)] if items else [], response=response)


def encode(message: Message, media_type: str) -> bytes:
    """Return an answer in the encoding of the request."""
    if media_type == PROTOBUF:
        return message.SerializeToString()
    return json_format.MessageToJson(message, indent=None).encode()


def status(error: RefusedError) -> Status:
    """Return the body of a refusal: a google.rpc.Status with details for programs."""
    answer = Status(code=error.reason.grpc, message=error.message)
    if error.reason == BUSY:
        retry = RetryInfo()
        retry.retry_delay.seconds = RETRY_AFTER
        answer.details.add().Pack(retry)
    elif error.reason == BAD_DATA:
        violation = BadRequest.FieldViolation(description=error.message)
        answer.details.add().Pack(BadRequest(field_violations=[violation]))
    return answer


def _parse_protobuf(message_type: Any, body: bytes) -> Mended:
    try:
        return Mended(request=message_type.FromString(body))
    except DecodeError:
        pass
    try:
        return mend_protobuf(message_type, body)
    except DecodeError as error:
        name = message_type.DESCRIPTOR.name
        raise RefusedError(
            BAD_DATA, f"The body is not an {name} in protobuf ({error})."
        ) from error


def _respond(signal: SignalType, faults: list[str], replaced: list[str]) -> Message:
    """Return the answer; senders write its message to their log, and do not retry."""
    response: Message = signal.response()
    sentences: list[str] = []
    if faults:
        sentences.append(f"{len(faults)} not stored: {_first(faults)}")
    if replaced:
        values = "1 value" if len(replaced) == 1 else f"{len(replaced)} values"
        sentences.append(f"{values} replaced, see {MARK}: {_first(replaced)}")
    if sentences:
        partial = response.partial_success  # type: ignore[attr-defined]
        setattr(partial, signal.rejected, len(faults))
        text = ". ".join(sentences)[:LONGEST_MESSAGE]
        partial.error_message = text.encode(errors="replace").decode()
    return response


def _first(sentences: list[str]) -> str:
    return "; ".join(sentences[:5]) + ("; …" if len(sentences) > 5 else "")
