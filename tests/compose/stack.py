"""The composed system as users start it, with its own project name and ports.

    with running_stack() as stack:
        stack.order()                                  # through the gateway
        stack.spans(trace_id)                          # from Jaeger
        stack.compose("stop", "jaeger")                # an outage
        stack.inside("gateway", "ls", "/tmp")          # in a service's container

Needs a Docker engine with Compose 2. Image tags come from the environment, or else from
`.env`; `stack.image("jaeger")` returns the tag in use.
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

Run = subprocess.CompletedProcess[str]
ORDER = {"plan": "team", "quantity": 2, "currency": "EUR", "card": "demo-card-approve"}
# Seconds, on a machine that builds and starts everything for the first time.
UP_WITHIN = 600
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
PROJECT = os.environ.get("TEST_PROJECT", f"kit-test-{os.getpid()}")
BACKENDS = ("JAEGER_PORT", "COMPOSED_VIEWER_PORT")


@dataclass(frozen=True)
class Stack:
    """A project of Compose; nothing runs until `up()`."""

    project: str
    ports: Mapping[str, int]

    @property
    def environment(self) -> dict[str, str]:
        ports = {key: str(port) for key, port in self.ports.items()}
        own = {"COMPOSE_PROJECT_NAME": self.project, "REVISION": revision()}
        return {**os.environ, **ports, **own}

    def run(self, *command: str, within: float = 120) -> Run:
        """Run a command on this machine, with the stack's ports and project."""
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
        """Run `docker compose`, which must succeed; return its output."""
        run = self.run("docker", "compose", *arguments, within=within)
        assert run.returncode == 0, run.stdout + run.stderr
        return run.stdout

    def up(self, *arguments: str) -> None:
        """Build and start everything; wait until all of it is healthy."""
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
        """Return the spans of a trace that Jaeger, or the viewer, has now."""
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
        """Return Docker's description of each service's container, by service."""
        listing = self.run("docker", "ps", "-aq", "--filter", self.label).stdout.split()
        if not listing:
            return {}
        containers = json.loads(self.run("docker", "inspect", *listing).stdout)
        label = "com.docker.compose.service"
        return {each["Config"]["Labels"][label]: each for each in containers}

    def memory(self) -> dict[str, float]:
        """Return the memory of each running service, in bytes.

        `docker stats` counts files that a service has lately read, too.
        """
        services = {each["Id"][:12]: name for name, each in self.containers().items()}
        stats = ("docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}")
        table = self.run(*stats, *services).stdout
        rows = (line.split() for line in table.splitlines())
        return {services[id_]: _bytes(size) for id_, size, *_ in rows if size != "0B"}

    def sql(self, database: str, query: str) -> list[list[str]]:
        """Return the rows of a query in PostgreSQL, all values as text."""
        psql = ["psql", "--username", "postgres", "--dbname", database]
        psql += ["--tuples-only", "--no-align", "--field-separator", "\t"]
        output = self.inside("postgres", *psql, "--command", query)
        return [line.split("\t") for line in output.splitlines()]

    def image(self, service: str) -> str:
        """Return the base image of a service, with its tag."""
        key = f"{service.upper()}_IMAGE"
        configuration = json.loads(self.compose("config", "--format", "json"))
        return str(configuration["services"][service]["build"]["args"][key])

    def leftovers(self) -> list[str]:
        """Return the containers, volumes and networks of this project."""
        listings = [("container", "ls", "-a"), ("volume", "ls"), ("network", "ls")]
        runs = [
            self.run("docker", *listing, "-q", "--filter", self.label)
            for listing in listings
        ]
        return [line for run in runs for line in run.stdout.split()]

    @property
    def label(self) -> str:
        return f"label=com.docker.compose.project={self.project}"


def new_stack() -> Stack:
    """Return a stack on ports that are free now."""
    ports = zip(COMPOSE_PORT_KEYS, free_ports(len(COMPOSE_PORT_KEYS)), strict=True)
    return Stack(PROJECT, dict(ports))


@contextmanager
def running_stack() -> Iterator[Stack]:
    """Start a stack, and afterwards remove all of it."""
    stack = new_stack()
    try:
        stack.up()
        yield stack
    finally:
        stack.run("docker", "compose", "down", "--volumes", within=UP_WITHIN)
        remove_images(stack)
    assert stack.leftovers() == []


def remove_images(stack: Stack) -> None:
    """Remove the built images; their layers stay in the builder's cache."""
    images = [f"{stack.project}{part}:built" for part in ("", "-collector", "-jaeger")]
    stack.run("docker", "image", "rm", *images)


def _bytes(text: str) -> float:
    """Return a size as Docker writes it: 116.6MiB, 860KiB."""
    match = re.fullmatch(r"([\d.]+)(\w+)", text)
    assert match, text
    return float(match[1]) * UNITS[match[2]]


def revision() -> str:
    """Return the checked-out commit."""
    command = ("git", "rev-parse", "HEAD")
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()
