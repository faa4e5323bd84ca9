"""Find the ports that are in use, by which process, and the setting to change.

    for port in taken_ports(settings.ports):
        print(port.sentence())

A process of another user is not named.
"""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from tracing_starter_kit.kit.settings import HOST


@dataclass(frozen=True)
class TakenPort:
    """A port that another process listens on."""

    key: str
    port: int
    holder: str

    def sentence(self) -> str:
        """Return a sentence with the port, its holder and the next step."""
        return (
            f"Port {self.port} ({self.key}) is in use by {self.holder}. "
            f"End that process, or set {self.key} to another port in .env."
        )


def taken_ports(ports: Mapping[str, int]) -> list[TakenPort]:
    """Return the ports, of a mapping by key, that cannot be bound on loopback."""
    in_use = {key: port for key, port in ports.items() if not _is_free(port)}
    holders = _holders() if in_use else {}
    return [
        TakenPort(key, port, holders.get(port, "a process of another user"))
        for key, port in in_use.items()
    ]


def shared_ports(ports: Mapping[str, int]) -> list[str]:
    """Return a sentence for every port number that two settings claim."""
    keys_of: dict[int, list[str]] = {}
    for key, port in ports.items():
        keys_of.setdefault(port, []).append(key)
    return [
        f"Port {port} is set twice: {' and '.join(keys)}. Change one of them in .env."
        for port, keys in keys_of.items()
        if len(keys) > 1
    ]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do: a connection in TIME_WAIT does not block a port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def _holders() -> dict[int, str]:
    """Return the process that listens on each port, as far as this user may see it.

    Goes process by process: on macOS only root may list all connections.
    """
    holders: dict[int, str] = {}
    for process in psutil.process_iter():
        try:
            ports = [c.laddr.port for c in process.net_connections() if _listens(c)]
            names = dict.fromkeys(ports, describe(process)) if ports else {}
        except psutil.Error:
            continue
        holders.update(names)
    return holders


def _listens(connection: object) -> bool:
    return getattr(connection, "status", None) == psutil.CONN_LISTEN


def describe(process: psutil.Process) -> str:
    """Return a process's name, pid and command line, for people."""
    command = " ".join(process.cmdline())[:80]
    return f"{process.name()} (pid {process.pid}: {command})"
