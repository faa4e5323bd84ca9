"""`kit doctor compose`: what `docker compose up` needs, looked at before it starts.

Compose itself notices a taken port when half of the system runs already.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping

from tracing_starter_kit.kit.demo.ports import shared_ports, taken_ports
from tracing_starter_kit.kit.settings import ROOT, load_compose_ports

# What the demo's file was written for: long forms of `depends_on`, merged in YAML.
OLDEST_COMPOSE = (2, 20)
OTHERWISE = "`make demo` runs the same system without Docker."


class NoDockerError(Exception):
    """A docker command that could not be run, or failed; the text says why."""


def compose_command() -> int:
    """Print what is in the way of `docker compose up`; return 1 if anything is."""
    ports = load_compose_ports()
    problems = shared_ports(ports)
    held: set[int] = set()
    try:
        problems += _too_old(_compose_version())
        held = _own_ports()
    except NoDockerError as error:
        problems.append(f"{error} {OTHERWISE}")
    free = {key: port for key, port in ports.items() if port not in held}
    problems += [port.sentence() for port in taken_ports(free)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"Docker answers, and the {len(ports)} ports are free, or its own.")
    return 1 if problems else 0


def _compose_version() -> str:
    """Return the version of Compose, once the engine itself has answered."""
    _docker("version", "--format", "{{.Server.Version}}")
    return _docker("compose", "version", "--short").strip()


def _too_old(compose: str) -> list[str]:
    found = tuple(map(int, re.findall(r"\d+", compose)[:2]))
    if found >= OLDEST_COMPOSE:
        return []
    oldest = ".".join(map(str, OLDEST_COMPOSE))
    return [f"Compose {compose} is too old: install {oldest} or newer. {OTHERWISE}"]


def _own_ports() -> set[int]:
    """Return the ports that this very system holds: `up` again changes nothing."""
    lines = _docker("compose", "ps", "--format", "json").splitlines()
    return {
        published["PublishedPort"]
        for line in lines
        for published in _container(line).get("Publishers") or []
    }


def _container(line: str) -> Mapping[str, list[dict[str, int]]]:
    found = json.loads(line)
    return found if isinstance(found, dict) else {}


def _docker(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ("docker", *arguments), cwd=ROOT, capture_output=True, text=True, check=True
        )
    except FileNotFoundError:
        raise NoDockerError(
            "There is no command `docker`: install Docker Engine and its Compose 2 "
            "plug-in."
        ) from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().rstrip(".")
        command = f"docker {' '.join(arguments[:2])}"
        raise NoDockerError(f"`{command}` says: {said}. Is Docker started?") from None
    return done.stdout
