"""Ports for programs that can only be told a number.

    gateway, broker = free_ports(2)

They lie below those that the system gives to outgoing connections: any connection, a
retry of the program's own clients included, could else take the port of a program that
is away for a moment, which then could not come back.
"""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress
from socket import socket

LOWEST, HIGHEST = 20_000, 32_767  # Linux hands out 32768 and more, macOS 49152 and more


def free_ports(count: int) -> list[int]:
    """Return ports that are free now, no two the same."""
    found: list[int] = []
    # All are held at once, so that no port is handed out twice.
    with ExitStack() as held:
        for port in random.sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST):
            probe = held.enter_context(socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                found.append(port)
            if len(found) == count:
                return found
    raise AssertionError(f"no {count} ports of {LOWEST} to {HIGHEST} are free")


def free_port() -> int:
    """Return one port that is free now."""
    return free_ports(1)[0]
