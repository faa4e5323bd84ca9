"""Why an export request is not taken, in OTLP's two ways to say it.

    raise RefusedError(BAD_DATA, "the body is not protobuf")

A sender repeats a request only after BUSY; after any other reason it drops the data,
so nothing that a second attempt could mend may be answered with one of those.
"""

from dataclasses import dataclass
from typing import Final

__all__ = [
    "BAD_DATA",
    "BUSY",
    "LONGEST_MESSAGE",
    "NOT_FOUND",
    "TOO_LARGE",
    "UNSUPPORTED",
    "WRONG_METHOD",
    "Reason",
    "RefusedError",
]


@dataclass(frozen=True)
class Reason:
    """A kind of refusal: its HTTP status and its gRPC code."""

    http: int
    grpc: int


BAD_DATA: Final = Reason(400, 3)  # INVALID_ARGUMENT
NOT_FOUND: Final = Reason(404, 12)  # UNIMPLEMENTED
WRONG_METHOD: Final = Reason(405, 12)
TOO_LARGE: Final = Reason(413, 8)  # RESOURCE_EXHAUSTED, final without RetryInfo
UNSUPPORTED: Final = Reason(415, 3)
BUSY: Final = Reason(503, 14)  # UNAVAILABLE

LONGEST_MESSAGE: Final = 1000


class RefusedError(Exception):
    """An export request is not taken; the text is for whoever set up the sender."""

    def __init__(self, reason: Reason, message: str) -> None:
        # What it quotes may be anything; what it is sent in takes UTF-8 only.
        self.message = message[:LONGEST_MESSAGE].encode(errors="replace").decode()
        self.reason = reason
        super().__init__(self.message)
