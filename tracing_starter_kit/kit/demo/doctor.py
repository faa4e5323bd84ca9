"""`kit doctor compose`: check this machine before `docker compose up`.

Compose itself notices a port in use only when half of the system is running.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping

from tracing_starter_kit.kit.demo.ports import shared_ports, taken_ports
from tracing_starter_kit.kit.settings import ROOT, load_compose_ports

# The demo's file needs long forms of `depends_on`, merged in YAML.
OLDEST_COMPOSE = (2, 20)
OTHERWISE = "`make demo` runs the same system without Docker."


class NoDockerError(Exception):
    """A docker command is missing, or failed; the text says why."""


def compose_command() -> int:
    """Print the problems that `docker compose up` would meet; return 1 if any."""
    ports = load_compose_ports()
    problems = shared_ports(ports)
    own_ports: set[int] = set()
    try:
        problems += _too_old(_compose_version())
        own_ports = _own_ports()
    except NoDockerError as error:
        problems.append(f"{error} {OTHERWISE}")
    others = {key: port for key, port in ports.items() if port not in own_ports}
    problems += [port.sentence() for port in taken_ports(others)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"Docker answers, and none of the {len(ports)} ports is in other use.")
    return 1 if problems else 0


def _compose_version() -> str:
    """Return the version of Compose, once the engine itself has answered."""
    _docker("version", "--format", "{{.Server.Version}}")
    return _docker("compose", "version", "--short").strip()


def _too_old(compose: str) -> list[str]:
    version = tuple(map(int, re.findall(r"\d+", compose)[:2]))
    if version >= OLDEST_COMPOSE:
        return []
    oldest = ".".join(map(str, OLDEST_COMPOSE))
    return [f"Compose {compose} is too old: install {oldest} or newer. {OTHERWISE}"]


def _own_ports() -> set[int]:
    """Return the ports of this system, if it is running: a second `up` may use them."""
    lines = _docker("compose", "ps", "--format", "json").splitlines()
    return {
        published["PublishedPort"]
        for line in lines
        for published in _container(line).get("Publishers") or []
    }


def _container(line: str) -> Mapping[str, list[dict[str, int]]]:
    row = json.loads(line)
    return row if isinstance(row, dict) else {}


def _docker(*arguments: str) -> str:
    try:
        result = subprocess.run(
            ("docker", *arguments), cwd=ROOT, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise NoDockerError(
            "There is no command `docker`: install Docker Engine and its Compose 2 "
            "plug-in."
        ) from None
    except subprocess.CalledProcessError as error:
        command = f"docker {' '.join(arguments[:2])}"
        reason = error.stderr.strip().rstrip(".")
        raise NoDockerError(
            f"`{command}` failed: {reason}. Is Docker running?"
        ) from None
    return result.stdout
