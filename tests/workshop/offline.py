"""Runs commands without a network: on Linux, with the loopback interface only."""

from __future__ import annotations

import os
import sys

NOWHERE = "http://127.0.0.1:9"  # refuses every connection
# Sends an installer's requests there.
ENVIRONMENT = {
    **dict.fromkeys(
        ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), NOWHERE
    ),
    "NO_PROXY": "127.0.0.1,localhost",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_INDEX_URL": NOWHERE,
    "PIP_NO_CACHE_DIR": "1",
    "PIP_RETRIES": "0",
}


def cut_off(*command: str) -> list[str]:
    """Return the command in a network namespace without any other machine.

    Not on Linux, return the command itself: there only `ENVIRONMENT` keeps it from
    the network.
    """
    if sys.platform != "linux":
        return [*command]
    script = 'ip link set lo up && exec "$@"'
    unshare = ("unshare", "--net", "--map-root-user")
    return [*unshare, "sh", "-c", script, "sh", *command]
