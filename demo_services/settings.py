"""What the services read from the environment: once, here, the default beside it.

    settings = read_settings("billing")
    settings.payments_url

The standard `OTEL_*` variables are not here: the SDK reads them by itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from flask import current_app


@dataclass(frozen=True)
class Settings:
    """One service's view of the world.

    Attributes:
        viewer_url: Where people, and not programs, open the viewer.
        jaeger_url: Where they open Jaeger, or "" where there is none.
        heartbeat_file: What the worker touches while it listens to its queue, or "".
        build: What was deployed; goes onto the spans of an order as `shop.build`.
        network_timeout: Seconds that one attempt at the card network may take.
        network_deadline: Seconds that all attempts together may take.
    """

    service: str
    database_url: str
    broker_url: str = "redis://127.0.0.1:8615/0"
    billing_url: str = "http://127.0.0.1:8611"
    payments_url: str = "http://127.0.0.1:8612"
    card_network_url: str = "http://127.0.0.1:8613"
    viewer_url: str = "http://127.0.0.1:16686"
    jaeger_url: str = ""
    heartbeat_file: str = ""
    region: str = "eu-central"
    build: str = "dev"
    network_timeout: float = 1.0
    network_deadline: float = 2.5


def read_settings(service: str, environ: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings of one service; what is not set keeps its default."""
    values: dict[str, Any] = {
        "service": service,
        "database_url": f"sqlite:///{service}.db",
    }
    for field in fields(Settings):
        if text := environ.get(field.name.upper()):
            values[field.name] = float(text) if field.type == "float" else text
    return Settings(**values | {"service": service})


def settings() -> Settings:
    """Return the settings of the service that runs this code."""
    return cast(Settings, current_app.extensions["settings"])
