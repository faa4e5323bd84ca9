"""Rename the fields of an HTTP request to their conventional names.

    with_request({"request": "GET /orders?plan=pro HTTP/1.1", "status": 200})
    # {"http.request.method": "GET", "url.path": "/orders", "url.query": "plan=pro", …}

For JSON and key=value lines of nginx, Caddy, Traefik, lograge and pino, which all use
other names. Applies only to lines with a method, a path and a status.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from tracing_starter_kit.log_reader.model import Value

METHOD = "http.request.method"
PATH = "url.path"
STATUS = "http.response.status_code"
# In lower case; the more specific name comes first.
NAMES = {
    METHOD: ("http.request.method", "request_method", "requestmethod", "http_method",
             "request.method", "req.method", "method"),
    PATH: ("url.path", "request_uri", "requestpath", "request.uri", "req.url",
           "request_path", "http_path", "path", "uri", "url"),
    STATUS: ("http.response.status_code", "status_code", "statuscode",
             "downstreamstatus", "res.statuscode", "http_status", "response.status",
             "status"),
}  # fmt: skip
A_STATUS = re.compile(r"[1-5]\d\d\Z")
VERBS = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
REQUEST_LINE = re.compile(r"([A-Z]+) (/\S*|\*|https?://\S+)(?: HTTP/[\d.]+)?\Z")


def with_request(fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields, with those of a request renamed."""
    names = _names(tuple(fields))
    if names is None:
        return fields
    status, *request_names = names
    method, path = _request(*(str(fields[name]) for name in request_names))
    if not method or not A_STATUS.match(str(fields[status])):
        return fields
    path, _, query = path.partition("?")
    request: dict[str, Value] = {METHOD: method, PATH: path}
    request |= {"url.query": query} if query else {}
    others = {name: fields[name] for name in fields if name not in names}
    return request | {STATUS: int(fields[status])} | others


def request_text(fields: Mapping[str, Value]) -> str:
    """Return a request as a message: `GET /orders?plan=pro 201`; "" for none."""
    if STATUS not in fields:
        return ""
    query = f"?{fields['url.query']}" if "url.query" in fields else ""
    path = f"{fields.get(PATH, '')}{query}"
    return f"{fields.get(METHOD, '-')} {path} {fields[STATUS]}".strip()


@lru_cache(1_000)  # a program's lines have few different sets of names
def _names(fields: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the names of the status and the request, or the status, method, path."""
    by_name = {name.lower(): name for name in fields}
    status, method, path = (
        next((by_name[name] for name in NAMES[attribute] if name in by_name), None)
        for attribute in (STATUS, METHOD, PATH)
    )
    if status is None:
        return None
    if "request" in by_name:  # a request line: GET /orders HTTP/1.1
        return status, by_name["request"]
    return (status, method, path) if method and path else None


def _request(text: str, path: str = "") -> tuple[str, str]:
    """Return the method and path, from both or a request line; "" for no request."""
    if not path:
        match = REQUEST_LINE.match(text)
        return (match[1], match[2]) if match else ("", "")
    # A whole address instead of a path belongs to an outgoing request.
    is_request = text.upper() in VERBS and path.startswith("/")
    return (text.upper(), path) if is_request else ("", "")
