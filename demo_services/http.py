"""Calls between services: a session with a timeout on every request.

    billing = connect("billing", settings.billing_url)
    billing.post(f"{settings.billing_url}/orders", json=order)

The timeout is in the adapter, beneath `requests`, so that a client span leads to the
calling line.
"""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from demo_services.problems import Unavailable

TIMEOUT = 10.0
# gunicorn's threads in a service: no thread waits for a connection of the pool.
CONNECTIONS = 16


def connect(service: str, url: str, *, timeout: float = TIMEOUT) -> requests.Session:
    """Return a session whose calls to an address time out and name the service."""
    session = requests.Session()
    # The machine's proxies and .netrc do not apply; searching for them costs time.
    session.trust_env = False
    session.mount(url, ServiceAdapter(service, timeout))
    return session


class ServiceAdapter(HTTPAdapter):
    """Gives every request a timeout, and every failure the name of the service."""

    def __init__(self, service: str, timeout: float) -> None:
        """Set the service's name, and the timeout in seconds."""
        super().__init__(pool_maxsize=CONNECTIONS)
        self.service = service
        self.timeout = timeout

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request.

        Raises:
            Unavailable: No connection, or no answer in time.
        """
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        try:
            return super().send(*args, **kwargs)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Unavailable(self.service) from error
