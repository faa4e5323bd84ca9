"""Free ports, for programs that need a number in advance.

    gateway, broker = free_ports(2)

They are below the ports that the system uses for outgoing connections. Otherwise any
connection, such as a retry of the program's own clients, could take the port of a
program that is restarting.
"""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress
from socket import socket

LOWEST, HIGHEST = 20_000, 32_767  # Linux assigns 32768 and more, macOS 49152 and more


def free_ports(count: int) -> list[int]:
    """Return different ports that are free now."""
    ports: list[int] = []
    # All sockets stay open until the end, so that no port is returned twice.
    with ExitStack() as probes:
        for port in random.sample(range(LOWEST, HIGHEST), HIGHEST - LOWEST):
            probe = probes.enter_context(socket())
            with suppress(OSError):
                probe.bind(("127.0.0.1", port))
                ports.append(port)
            if len(ports) == count:
                return ports
    raise AssertionError(f"no {count} ports of {LOWEST} to {HIGHEST} are free")


def free_port() -> int:
    """Return one port that is free now."""
    return free_ports(1)[0]
