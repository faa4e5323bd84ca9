"""Why an export request is refused, with the HTTP status and the gRPC code.

    raise RefusedError(BAD_DATA, "The body is not protobuf.")

A sender repeats a request only after BUSY, and drops the data after any other reason:
so BUSY is the reason whenever a second attempt could succeed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A reason for a refusal: its HTTP status and its gRPC code."""

    http: int
    grpc: int


BAD_DATA = Reason(400, 3)  # INVALID_ARGUMENT
NOT_FOUND = Reason(404, 12)  # UNIMPLEMENTED
WRONG_METHOD = Reason(405, 12)
TOO_LARGE = Reason(413, 8)  # RESOURCE_EXHAUSTED, final without RetryInfo
UNSUPPORTED = Reason(415, 3)
BUSY = Reason(503, 14)  # UNAVAILABLE

LONGEST_MESSAGE = 1000


class RefusedError(Exception):
    """An export request is refused; the message is for the sender's developer."""

    def __init__(self, reason: Reason, message: str) -> None:
        # It may quote any text of the request, but the answer must be UTF-8.
        self.message = message[:LONGEST_MESSAGE].encode(errors="replace").decode()
        self.reason = reason
        super().__init__(self.message)
