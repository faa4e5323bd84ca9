"""The request in a line's fields, under the names that conventions have for it.

    with_request({"request": "GET /orders?plan=pro HTTP/1.1", "status": 200})
    # {"http.request.method": "GET", "url.path": "/orders", "url.query": "plan=pro", …}

For JSON and key=value, where servers and frameworks each have names of their own:
nginx, Caddy, Traefik, lograge, pino. Only where method, path and status are all there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from log_reader.model import Value

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
VERBS: Final = {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}
REQUEST_LINE: Final = re.compile(r"([A-Z]+) (/\S*|\*|https?://\S+)(?: HTTP/[\d.]+)?\Z")


def with_request(fields: dict[str, Value]) -> dict[str, Value]:
    """Return the fields, those of a request by their conventional names."""
    if len(fields) < len(NAMES) - 1:
        return fields
    by_name = {name.lower(): name for name in fields}
    status = _first(by_name, NAMES[STATUS])
    if status is None or not _is_status(fields[status]):
        return fields
    found = _request_line(fields, by_name) or _method_and_path(fields, by_name)
    if not found:
        return fields
    taken, method, path = found
    path, _, query = path.partition("?")
    rest = {name: fields[name] for name in fields if name not in (status, *taken)}
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


def _request_line(
    fields: Mapping[str, Value], by_name: Mapping[str, str]
) -> tuple[list[str], str, str] | None:
    """Return the field that has it all, `GET /orders HTTP/1.1`, and what it says."""
    name = by_name.get("request")
    match = REQUEST_LINE.match(str(fields[name])) if name else None
    return ([str(name)], match[1], match[2]) if match else None


def _method_and_path(
    fields: Mapping[str, Value], by_name: Mapping[str, str]
) -> tuple[list[str], str, str] | None:
    method, path = _first(by_name, NAMES[METHOD]), _first(by_name, NAMES[PATH])
    if method is None or path is None:
        return None
    verb, target = str(fields[method]).upper(), str(fields[path])
    # A whole address is what a client asks for, within something else.
    is_request = verb in VERBS and target.startswith("/")
    return ([method, path], verb, target) if is_request else None


def _first(by_name: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((by_name[name] for name in names if name in by_name), None)


def _is_status(value: Value) -> bool:
    return re.fullmatch(r"[1-5]\d\d", str(value)) is not None
