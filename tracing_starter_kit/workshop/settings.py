"""The addresses of the kit's other parts, which the command line passes on.

Example:
    places = Places(viewer="http://127.0.0.1:16686", otlp="http://127.0.0.1:4318", ...)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The kit's other parts, and the environment of the learner's programs.

    Attributes:
        viewer: The viewer's page and API.
        otlp: The viewer's address for spans; None: spans are not passed on.
        gateway: The demo's first service.
        state: The kit's folder, which remembers where the learner's folder is.
        environment: The environment of the learner's programs.
    """

    viewer: str
    otlp: str | None
    gateway: str
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
