"""The kit's settings: ports and addresses from `.env`, paths, the tracing mode.

    settings = load_settings()
    settings.url("VIEWER_PORT")        # http://127.0.0.1:16686

An environment variable of the same name wins over a line of `.env`. An installed
package has no such file and brings the same defaults. For a demo that runs elsewhere,
set its addresses: KIT_GATEWAY_URL, KIT_BILLING_URL, KIT_VIEWER_URL.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tracing_starter_kit.installation import CHECKOUT, DEFAULT_PORTS, PACKAGE

ROOT = PACKAGE.parent
HOST = "127.0.0.1"
PORT_KEYS = (
    "GATEWAY_PORT",
    "BILLING_PORT",
    "PAYMENTS_PORT",
    "CARD_NETWORK_PORT",
    "NOTIFICATIONS_PORT",
    "BROKER_PORT",
    "VIEWER_PORT",
    "OTLP_HTTP_PORT",
    "OTLP_GRPC_PORT",
)
# Published by `docker compose up`; its broker and databases publish no port.
COMPOSE_PORT_KEYS = (
    "GATEWAY_PORT",
    "BILLING_PORT",
    "PAYMENTS_PORT",
    "CARD_NETWORK_PORT",
    "NOTIFICATIONS_PORT",
    "JAEGER_PORT",
    "COMPOSED_VIEWER_PORT",
    "OTLP_HTTP_PORT",
    "OTLP_GRPC_PORT",
    "COLLECTOR_METRICS_PORT",
)
ADDRESS_KEYS = {
    "GATEWAY_PORT": "KIT_GATEWAY_URL",
    "BILLING_PORT": "KIT_BILLING_URL",
    "VIEWER_PORT": "KIT_VIEWER_URL",
}
MODES = ("kit", "auto")


class SettingsError(Exception):
    """A setting cannot be used; the message names it, its value and the next step."""


@dataclass(frozen=True)
class Settings:
    """The settings of every command; all paths absolute, all ports on loopback.

    Attributes:
        addresses: By port key, the base address of a part on another machine.
    """

    state: Path
    ports: Mapping[str, int]
    tracing: str
    addresses: Mapping[str, str] = field(default_factory=dict)

    def url(self, port_key: str) -> str:
        """Return the base address of the part with that port."""
        local = f"http://{HOST}:{self.ports[port_key]}"
        return self.addresses.get(port_key, local)


def load_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read `.env` and the environment.

    Raises:
        SettingsError: A port is missing or not a port number, or the mode is unknown.
    """
    values = {**read_env_file(DEFAULT_PORTS), **environ}
    tracing = values.get("TRACING", "kit")
    if tracing not in MODES:
        raise SettingsError(f"TRACING={tracing} is unknown: set it to kit or auto.")
    return Settings(
        state=Path(values.get("KIT_STATE_DIR", default_state(environ))).resolve(),
        ports={key: _port(key, values.get(key, "")) for key in PORT_KEYS},
        tracing=tracing,
        addresses={
            key: values[name] for key, name in ADDRESS_KEYS.items() if name in values
        },
    )


def default_state(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder of data and logs: `.kit` of a checkout, else of the user."""
    if CHECKOUT:
        return CHECKOUT / ".kit"
    home = environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(home) / "tracing-starter-kit"


def load_compose_ports(environ: Mapping[str, str] = os.environ) -> dict[str, int]:
    """Return the ports that `docker compose up` listens on, by their key in `.env`.

    Raises:
        SettingsError: A port is missing or not a port number.
    """
    values = {**read_env_file(DEFAULT_PORTS), **environ}
    return {key: _port(key, values.get(key, "")) for key in COMPOSE_PORT_KEYS}


def read_env_file(path: Path) -> dict[str, str]:
    """Return the `KEY=value` lines of a file; none if there is no such file."""
    lines = path.read_text().splitlines() if path.exists() else []
    pairs = [line.partition("=") for line in lines if not line.startswith("#")]
    return {key.strip(): value.strip() for key, equals, value in pairs if equals}


def _port(key: str, text: str) -> int:
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SettingsError(
        f"{key}={text!r} is not a port number: set it to 1..65535 in .env, "
        "or in the environment."
    )
