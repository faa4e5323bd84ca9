"""The services' settings, read from the environment once; defaults are below.

    settings = read_settings("billing")
    settings.payments_url

The SDK reads the standard `OTEL_*` variables by itself.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from flask import current_app


@dataclass(frozen=True)
class Settings:
    """The settings of a service.

    Attributes:
        viewer_url: The viewer's address for people.
        jaeger_url: Jaeger's address for people, or "".
        heartbeat_file: The file that the worker touches while it listens, or "".
        build: The deployed build, on the spans of an order as `shop.build`.
        network_timeout: The most seconds for one attempt at the card network.
        network_deadline: The most seconds for all attempts together.
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
    """Return the settings of a service, with defaults for unset variables."""
    values: dict[str, Any] = {
        "service": service,
        "database_url": f"sqlite:///{service}.db",
    }
    for field in fields(Settings):
        if text := environ.get(field.name.upper()):
            values[field.name] = float(text) if field.type == "float" else text
    return Settings(**values | {"service": service})


def settings() -> Settings:
    """Return the settings of the current application."""
    return cast(Settings, current_app.extensions["settings"])
