r"""Parse the wrapping of a container's line: Docker, Kubernetes, Compose, Heroku.

    line = docker_line('{"log":"ready\n","stream":"stdout","time":"2026-11-24T08:00Z"}')
    line.text                                      # "ready"

https://docs.docker.com/engine/logging/drivers/json-file/. The pattern for CRI's lines,
`<time> stdout F <text>`, is in the table.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from tracing_starter_kit.log_reader.formats.json_lines import load_json
from tracing_starter_kit.log_reader.formats.loose_lines import PLAIN, TIME_WITHIN

DOCKER = "Docker"
KUBERNETES = "Kubernetes"
COMPOSE = "Compose"
HEROKU = "Heroku"
INSTANCE = re.compile(r"[-_.]\d+\Z")  # web-1, web_1, web.1
# Docker writes its keys in this order.
DOCKER_BEGINS = '{"log":"'
STREAMS = ("stdout", "stderr")


class ContainerLine(NamedTuple):
    """A line that a container wrote, with the runtime's time and stream."""

    runtime: str
    time: str
    stream: str
    text: str
    service: str = ""

    @classmethod
    def of(cls, runtime: str, groups: Mapping[str, str | None]) -> ContainerLine:
        """Return the line with the groups of a match."""
        time, stream, text = map(groups.get, ("time", "stream", "message"))
        service = INSTANCE.sub("", groups.get("unit") or "")
        return cls(runtime, time or "", stream or "", text or "", service)


# Formats whose lines may continue the line before: a runtime wraps each line of a
# traceback.
VAGUE = {
    TIME_WITHIN,
    *(
        f"{name}: {of}"
        for name in (DOCKER, KUBERNETES, COMPOSE, HEROKU)
        for of in (PLAIN, TIME_WITHIN)
    ),
}


def docker_line(text: str) -> ContainerLine | None:
    """Return the line that Docker wrapped, or None for other JSON."""
    entry = load_json(text)
    if not isinstance(entry, dict) or entry.get("stream") not in STREAMS:
        return None
    log, time = entry.get("log"), entry.get("time")
    if not isinstance(log, str) or not isinstance(time, str):
        return None
    return ContainerLine(DOCKER, time, entry["stream"], log.rstrip("\r\n"))
