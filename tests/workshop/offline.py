"""Runs commands where no network is: on Linux, with the loopback interface alone."""

from __future__ import annotations

import os
import sys

NOWHERE = "http://127.0.0.1:9"  # whoever asks for the network gets no answer
# What an installer would ask for packages.
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
    """Return the command with a network of its own, which leads nowhere.

    Elsewhere than on Linux it is the command itself: then only `ENVIRONMENT` is in
    the way of what asks for the network.
    """
    if sys.platform != "linux":
        return [*command]
    alone = 'ip link set lo up && exec "$@"'
    unshare = ("unshare", "--net", "--map-root-user")
    return [*unshare, "sh", "-c", alone, "sh", *command]
