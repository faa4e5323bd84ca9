"""Decoding in a process of its own, while there is much to decode.

    decoder = Decoder()
    decoded = decoder.decode(bodies)
    decoder.close()

Decoding takes more of Python's time than all else together, and one process runs Python
on one processor only: with this one 50,000 spans a second pass where 34,000 did. It is
started by the first large batch, so a viewer that has little to do is one process, and
it ends by itself with the viewer, however that one ends: its input ends.
"""

import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.rows.decoding import Decoded, decode

__all__ = ["Decoder"]

log = logging.getLogger(__name__)

LARGE: Final = 1 << 20  # bytes of requests; decoding them takes some 50 ms
IDLE: Final = 10.0  # seconds without one until the process is ended

Bodies = Sequence[tuple[Signal, bytes]]


class DecodingError(ValueError):
    """A request cannot be decoded; the text is what the other process said."""


class Decoder:
    """Decodes batches, one at a time: small ones here, large ones elsewhere."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._used = 0.0

    def decode(self, bodies: Bodies) -> Decoded:
        """Return the columns, or raise what is wrong with the requests."""
        if sum(len(body) for _, body in bodies) < LARGE:
            if self._process and time.monotonic() - self._used > IDLE:
                self.close()
            return decode(bodies)
        self._used = time.monotonic()
        try:
            found = self._ask(bodies)
        except (OSError, EOFError, pickle.UnpicklingError):
            log.warning("The decoding process is gone; going on without it.")
            self.close()
            return decode(bodies)
        if isinstance(found, DecodingError):
            raise found
        return found

    def close(self) -> None:
        """End the process, if there is one."""
        process, self._process = self._process, None
        if process is not None:
            with suppress(BrokenPipeError), process:  # waits for its end
                process.terminate()

    def _ask(self, bodies: Bodies) -> Decoded | DecodingError:
        if self._process is None:
            self._process = _start()
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump(bodies, self._process.stdin, pickle.HIGHEST_PROTOCOL)
        self._process.stdin.flush()
        found: Decoded | DecodingError = pickle.load(self._process.stdout)  # noqa: S301
        return found


PROGRAM = (
    "from tracing_starter_kit.viewer.store.rows.decoding_process import main; main()"
)


def _start() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 - a fixed program
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        process_group=0,  # Ctrl-C is for the viewer, which then ends this one
    )


def main() -> None:
    """Decode what comes, until the viewer is gone."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while True:
        try:
            bodies = pickle.load(sys.stdin.buffer)  # noqa: S301  # the viewer sends it
        except EOFError:
            return
        pickle.dump(_answer(bodies), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _answer(bodies: Bodies) -> Decoded | DecodingError:
    try:
        return decode(bodies)
    except Exception as error:  # noqa: BLE001  # whatever it is, the viewer has to know
        return DecodingError(str(error))
