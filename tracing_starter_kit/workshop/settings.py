"""Where the rest of the kit answers, as the command line tells it.

places = Places(viewer="http://127.0.0.1:16686", otlp="http://127.0.0.1:4318", ...)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Places:
    """The kit's other parts, and what the learner's programs inherit.

    Attributes:
        viewer: The viewer's page and API.
        otlp: Where it takes spans; None: nothing is passed on.
        gateway: The demo's front door.
        state: The kit's folder, which remembers where the learner's is.
        environment: Of the learner's programs.
    """

    viewer: str
    otlp: str | None
    gateway: str
    state: Path
    environment: Mapping[str, str] = field(default_factory=dict)
