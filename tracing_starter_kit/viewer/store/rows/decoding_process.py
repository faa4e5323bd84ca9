"""Decode large batches in a second process, which runs while there are such batches.

    decoder = Decoder()
    decoded = decoder.decode(bodies)
    decoder.close()

Decoding takes more of Python's time than everything else in the viewer, and a process
runs Python on one processor only: a second process raises 34,000 spans a second to
50,000. The first large batch starts it, so a viewer with little to do is one process.
It ends with the viewer, even after a `kill -9`, because its standard input ends.
"""

from __future__ import annotations

import logging
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress

from tracing_starter_kit.viewer.store.journal.segments import Signal
from tracing_starter_kit.viewer.store.rows.decoding import Decoded, decode

log = logging.getLogger(__name__)

LARGE = 1 << 20  # bytes of requests: decoding them takes some 50 ms
IDLE_SECONDS = 10.0  # without a large batch, after which the process is ended
MODULE = "tracing_starter_kit.viewer.store.rows.decoding_process"

Bodies = Sequence[tuple[Signal, bytes]]


class DecodingError(ValueError):
    """A request cannot be decoded; the text is the error of the other process."""


class Decoder:
    """Decodes one batch at a time: small ones here, large ones in the process."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._last_used = 0.0

    def decode(self, bodies: Bodies) -> Decoded:
        """Return the columns; raise the error if a request cannot be decoded."""
        if sum(len(body) for _, body in bodies) < LARGE:
            if self._process and time.monotonic() - self._last_used > IDLE_SECONDS:
                self.close()
            return decode(bodies)
        self._last_used = time.monotonic()
        try:
            answer = self._ask(bodies)
        except (OSError, EOFError, pickle.UnpicklingError):
            log.warning("The decoding process is gone: the viewer decodes without it.")
            self.close()
            return decode(bodies)
        if isinstance(answer, DecodingError):
            raise answer
        return answer

    def close(self) -> None:
        """End the process, if it runs."""
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
        answer: Decoded | DecodingError = pickle.load(self._process.stdout)  # noqa: S301
        return answer


def _start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - a fixed program
        [sys.executable, "-c", f"from {MODULE} import main; main()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        process_group=0,  # Ctrl-C reaches only the viewer, which then ends this process
    )


def main() -> None:
    """Decode the batches from standard input until the viewer is gone."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    while True:
        try:
            bodies = pickle.load(sys.stdin.buffer)  # noqa: S301  # from the viewer
        except EOFError:
            return
        pickle.dump(_answer(bodies), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _answer(bodies: Bodies) -> Decoded | DecodingError:
    try:
        return decode(bodies)
    except Exception as error:  # noqa: BLE001  # the viewer reports it, whatever it is
        return DecodingError(str(error))
