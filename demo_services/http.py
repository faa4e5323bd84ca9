"""How a service calls another one: a session with a timeout on every request.

    billing = connect("billing", settings.billing_url)
    billing.post(f"{settings.billing_url}/orders", json=order)

The limits live in the adapter, beneath `requests`, so that the line that calls is
the line that the client span leads to.
"""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter

from demo_services.problems import Unavailable

TIMEOUT = 10.0
# gunicorn's threads per service: nobody waits for a connection of the pool.
CONNECTIONS = 16


def connect(service: str, url: str, *, timeout: float = TIMEOUT) -> requests.Session:
    """Return a session whose calls to that address time out and name what is down."""
    session = requests.Session()
    # Proxies and .netrc of the machine are not ours; looking for them costs time.
    session.trust_env = False
    session.mount(url, ServiceAdapter(service, timeout))
    return session


class ServiceAdapter(HTTPAdapter):
    """Gives every request a timeout, and a failed one the name of its service."""

    def __init__(self, service: str, timeout: float) -> None:
        """Remember the name and the limit in seconds."""
        super().__init__(pool_maxsize=CONNECTIONS)
        self.service = service
        self.timeout = timeout

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        """Send the request, or say which service does not answer.

        Raises:
            Unavailable: No connection, or no answer in time.
        """
        kwargs["timeout"] = kwargs.get("timeout") or self.timeout
        try:
            return super().send(*args, **kwargs)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise Unavailable(self.service) from error
