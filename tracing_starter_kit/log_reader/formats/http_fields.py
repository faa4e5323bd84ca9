"""The request in a line's fields, under the names that conventions have for it.

    with_request({"request": "GET /orders?plan=pro HTTP/1.1", "status": 200})
    # {"http.request.method": "GET", "url.path": "/orders", "url.query": "plan=pro", …}

For JSON and key=value, where servers and frameworks each have names of their own:
nginx, Caddy, Traefik, lograge, pino. Only where method, path and status are all there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from tracing_starter_kit.log_reader.model import Value

METHOD: Final = "http.request.method"
PATH: Final = "url.path"
STATUS: Final = "http.response.status_code"
# Without case; a name that is nearer to the point comes first.
NAMES: Final = {
    METHOD: ("http.request.method", "request_method", "requestmethod", "http_method",
             "request.method", "req.method", "method"),
    PATH: ("url.path", "request_uri", "requestpath", "request.uri", "req.url",
           "request_path", "http_path", "path", "uri", "url"),
    STATUS: ("http.response.status_code", "status_code", "statuscode",
             "downstreamstatus", "res.statuscode", "http_status", "response.status",
             "status"),
}  # fmt: skip
A_STATUS: Final = re.compile(r"[1-5]\d\d\Z")
VERBS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
REQUEST_LINE: Final = re.compile(r"([A-Z]+) (/\S*|\*|https?://\S+)(?: HTTP/[\d.]+)?\Z")


def with_request(fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields, those of a request by their conventional names."""
    names = _names(tuple(fields))
    if names is None:
        return fields
    status, *of_request = names
    found = _request(*(str(fields[name]) for name in of_request))
    if not found or not A_STATUS.match(str(fields[status])):
        return fields
    method, path = found
    path, _, query = path.partition("?")
    rest = {name: fields[name] for name in fields if name not in names}
    request: dict[str, Value] = {METHOD: method, PATH: path}
    request |= {"url.query": query} if query else {}
    return request | {STATUS: int(fields[status])} | rest


def request_text(fields: Mapping[str, Value]) -> str:
    """Return a request as one reads it: GET /orders?plan=pro 201; "" for none."""
    if STATUS not in fields:
        return ""
    query = f"?{fields['url.query']}" if "url.query" in fields else ""
    path = f"{fields.get(PATH, '')}{query}"
    return f"{fields.get(METHOD, '-')} {path} {fields[STATUS]}".strip()


@lru_cache(1_000)  # the lines of a program have the same few sets of names
def _names(fields: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the names of the status and of the request, or of its method and path."""
    by_name = {name.lower(): name for name in fields}
    status, method, path = (
        next((by_name[name] for name in NAMES[what] if name in by_name), None)
        for what in (STATUS, METHOD, PATH)
    )
    if status is None:
        return None
    if "request" in by_name:  # all in one: GET /orders HTTP/1.1
        return status, by_name["request"]
    return (status, method, path) if method and path else None


def _request(first: str, path: str = "") -> tuple[str, str] | None:
    """Return the method and the path, which may be said in one."""
    if not path:
        match = REQUEST_LINE.match(first)
        return (match[1], match[2]) if match else None
    # A whole address is what a client asks for, within something else.
    is_request = first.upper() in VERBS and path.startswith("/")
    return (first.upper(), path) if is_request else None
