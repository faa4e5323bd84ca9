r"""What a container's runtime puts around a line: Docker's json-file, Kubernetes' CRI.

    line = docker_line('{"log":"ready\n","stream":"stdout","time":"2026-11-24T08:00Z"}')
    line.text                                      # "ready"

https://docs.docker.com/engine/logging/drivers/json-file/; the pattern of CRI's lines,
`<time> stdout F <text>`, is in the table.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from tracing_starter_kit.log_reader.formats.json_lines import loaded
from tracing_starter_kit.log_reader.formats.loose_lines import PLAIN, TIME_WITHIN

DOCKER: Final = "Docker"
KUBERNETES: Final = "Kubernetes"
# Docker writes its keys in this order.
DOCKER_BEGINS: Final = '{"log":"'
STREAMS: Final = ("stdout", "stderr")


class ContainerLine(NamedTuple):
    """A line that a container wrote, and what the runtime says of it."""

    runtime: str
    time: str
    stream: str
    text: str

    @classmethod
    def of(cls, runtime: str, groups: Mapping[str, str | None]) -> ContainerLine:
        """Return the line that a pattern has found."""
        time, stream, text = map(groups.get, ("time", "stream", "message"))
        return cls(runtime, time or "", stream or "", text or "")


# Formats of lines that may continue the one before: a traceback is a line each, too.
VAGUE: Final = {
    TIME_WITHIN,
    *(f"{name}: {of}" for name in (DOCKER, KUBERNETES) for of in (PLAIN, TIME_WITHIN)),
}


def docker_line(text: str) -> ContainerLine | None:
    """Return what Docker wrote around a line, or None for other JSON."""
    found = loaded(text)
    if not isinstance(found, dict) or found.get("stream") not in STREAMS:
        return None
    log, time = found.get("log"), found.get("time")
    if not isinstance(log, str) or not isinstance(time, str):
        return None
    return ContainerLine(DOCKER, time, found["stream"], log.rstrip("\r\n"))
