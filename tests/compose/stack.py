"""The composed system as people start it, under a project name and on ports of its own.

    with running_stack() as stack:
        stack.order()                                  # through the gateway
        stack.spans(trace_id)                          # as Jaeger has them
        stack.compose("stop", "jaeger")                # an outage
        stack.inside("gateway", "ls", "/tmp")          # in a service's container

Needs a Docker engine with Compose 2. Image tags are those of `.env`, or of the
environment; which Jaeger that is, says `stack.image("jaeger")`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.ports import free_ports
from tests.system.demo import await_
from tracing_starter_kit.kit.settings import COMPOSE_PORT_KEYS, ROOT
from tracing_starter_kit.traces.spans import Span, load_spans

Done = subprocess.CompletedProcess[str]
ORDER = {"plan": "team", "quantity": 2, "currency": "EUR", "card": "demo-card-approve"}
# Seconds, for machines that build and start all of it for the first time.
UP_WITHIN = 600
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
PROJECT = os.environ.get("TEST_PROJECT", f"kit-test-{os.getpid()}")
BACKENDS = ("JAEGER_PORT", "COMPOSED_VIEWER_PORT")


@dataclass(frozen=True)
class Stack:
    """One project of Compose; nothing of it runs until `up()`."""

    project: str
    ports: Mapping[str, int]

    @property
    def environment(self) -> dict[str, str]:
        ports = {key: str(port) for key, port in self.ports.items()}
        own = {"COMPOSE_PROJECT_NAME": self.project, "REVISION": revision()}
        return {**os.environ, **ports, **own}

    def run(self, *command: str, within: float = 120) -> Done:
        """Run a command of this machine with the stack's ports and project."""
        return subprocess.run(
            command,
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )

    def compose(self, *arguments: str, within: float = 120) -> str:
        """Run `docker compose`, which must succeed; return what it printed."""
        done = self.run("docker", "compose", *arguments, within=within)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def up(self, *arguments: str) -> None:
        """Build and start what is not there yet; wait until all of it is healthy."""
        self.compose("up", "--build", "--wait", *arguments, within=UP_WITHIN)

    def inside(self, service: str, *command: str) -> str:
        return self.compose("exec", "--no-TTY", service, *command)

    def logs(self, service: str) -> str:
        return self.compose("logs", "--no-log-prefix", "--no-color", service)

    def url(self, key: str, path: str = "") -> str:
        return f"http://127.0.0.1:{self.ports[key]}{path}"

    def order(self, *, headers: Mapping[str, str] | None = None) -> requests.Response:
        """Send one order to the gateway."""
        return requests.post(
            self.url("GATEWAY_PORT", "/orders"),
            json=ORDER,
            headers={"X-API-Key": "demo-key-ada", **(headers or {})},
            timeout=20,
        )

    def kit(self, *arguments: str) -> Any:
        """Run a command of the kit against this stack; return its JSON."""
        answer = self.run(
            ".venv/bin/python", "-m", "tracing_starter_kit", *arguments, "--json"
        )
        assert answer.stdout, answer.stderr
        return json.loads(answer.stdout)

    def spans(self, trace_id: str, backend: str = "JAEGER_PORT") -> list[Span]:
        """Return what Jaeger, or the viewer, has of a trace now."""
        address = self.url(backend, f"/api/v3/traces/{trace_id}")
        answer = requests.get(address, timeout=10)
        return load_spans(answer.json()) if answer.ok else []

    def await_spans(
        self,
        trace_id: str,
        missing: Callable[[list[Span]], list[str]],
        backend: str = "JAEGER_PORT",
    ) -> list[Span]:
        """Return the trace once none of the named spans is missing."""
        return await_(
            lambda: self.spans(trace_id, backend),
            lambda spans: not missing(spans),
            lambda spans: f"{backend}: trace {trace_id} lacks {missing(spans)}",
        )

    def containers(self) -> dict[str, dict[str, Any]]:
        """Return what Docker says of each service's container, by service."""
        listing = self.run("docker", "ps", "-aq", "--filter", self.label).stdout.split()
        if not listing:
            return {}
        found = json.loads(self.run("docker", "inspect", *listing).stdout)
        name = "com.docker.compose.service"
        return {one["Config"]["Labels"][name]: one for one in found}

    def memory(self) -> dict[str, float]:
        """Return the bytes that each running service holds in memory.

        As `docker stats` counts: with files of its own that it has lately read.
        """
        services = {one["Id"][:12]: name for name, one in self.containers().items()}
        table = self.run(
            *("docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}"),
            *services,
        ).stdout
        rows = (line.split() for line in table.splitlines())
        return {services[id_]: _bytes(used) for id_, used, *_ in rows if used != "0B"}

    def sql(self, database: str, query: str) -> list[list[str]]:
        """Return the rows that PostgreSQL answers with, all values as text."""
        separated = ("--tuples-only", "--no-align", "--field-separator", "\t")
        printed = self.inside(
            *("postgres", "psql", "--username", "postgres", *separated),
            *("--dbname", database, "--command", query),
        )
        return [line.split("\t") for line in printed.splitlines()]

    def image(self, service: str) -> str:
        """Return the image that a service is made from, with its tag."""
        key = f"{service.upper()}_IMAGE"
        configuration = json.loads(self.compose("config", "--format", "json"))
        return str(configuration["services"][service]["build"]["args"][key])

    def leftovers(self) -> list[str]:
        """Return the containers, volumes and networks of this project."""
        kinds = (("container", "-a"), ("volume",), ("network",))
        return [
            line
            for kind, *all_ in kinds
            for line in self.run(
                *("docker", kind, "ls", "-q", *all_, "--filter", self.label)
            ).stdout.split()
        ]

    @property
    def label(self) -> str:
        return f"label=com.docker.compose.project={self.project}"


def new_stack() -> Stack:
    """Return a stack on ports that are free now."""
    ports = zip(COMPOSE_PORT_KEYS, free_ports(len(COMPOSE_PORT_KEYS)), strict=True)
    return Stack(PROJECT, dict(ports))


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Bring a stack up, and afterwards leave nothing of it."""
    stack = new_stack()
    try:
        stack.up()
        yield stack
    finally:
        stack.run("docker", "compose", "down", "--volumes", within=UP_WITHIN)
        remove_images(stack)
    assert stack.leftovers() == []


def remove_images(stack: Stack) -> None:
    """Remove the names of what was built; its layers stay in the builder's cache."""
    images = [f"{stack.project}{part}:built" for part in ("", "-collector", "-jaeger")]
    stack.run("docker", "image", "rm", *images)


def _bytes(text: str) -> float:
    """Return a size as Docker writes it: 116.6MiB, 860KiB."""
    number, unit = re.fullmatch(r"([\d.]+)(\w+)", text).groups()  # type: ignore[union-attr]
    return float(number) * UNITS[unit]


def revision() -> str:
    """Return the commit that is checked out."""
    command = ("git", "rev-parse", "HEAD")
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
